import { describe, expect, test } from 'vitest'
import { brokerNames, openStage } from '../testing/stage.ts'
import { printedBy } from '../testing/transcript.ts'

const readme = (command: string) => printedBy(import.meta.dirname, command)

describe.each(brokerNames)('work queue on %s', (broker) => {
  test('what a killed worker had begun is done by another', async ({ skip }) => {
    await using stage = await openStage(broker, skip)
    await using producer = stage.run('work-queue/produce.ts')
    await producer.printsNothingBut(readme('produce.ts'))

    await using first = stage.run('work-queue/work.ts', 'a', '60000')
    await first.prints(readme('work.ts'))
    await first.kill()

    await using second = stage.run('work-queue/work.ts', 'b', '10')
    await second.prints(readme('work.ts sqla+sqlite:///examples.db b'))
    for (const task of [1, 2, 3, 4, 5, 6]) await second.waitFor(RegExp(`finished task ${task}\n`))
    expect(second.output.match(/finished/g)).toHaveLength(6)
  })

  test('a worker that is interrupted ends in order', async ({ skip }) => {
    await using stage = await openStage(broker, skip)
    await using worker = stage.run('work-queue/work.ts')
    await worker.waitFor(/is process/)
    await worker.kill('SIGINT')
    expect(await worker.ended).toBe(0)
  })
})
