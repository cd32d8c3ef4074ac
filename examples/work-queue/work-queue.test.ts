import { describe, expect, test } from 'vitest'
import { brokerNames, openStage } from '../testing/stage.ts'
import { printedBy } from '../testing/transcript.ts'

const readme = (command: string) => printedBy(import.meta.dirname, command)

describe.each(brokerNames)('work queue on %s', (broker) => {
  test('what a killed worker had begun is done by another', async ({ skip }) => {
    await using stage = await openStage(broker, skip)
    await using producer = stage.run('work-queue/produce.ts')
    await producer.printsNothingBut(readme('produce.ts'))

    await using slow = stage.run('work-queue/work.ts', 'a', '60000')
    await slow.prints(readme('work.ts sqla+sqlite:///examples.db a 60000'))
    await using fast = stage.run('work-queue/work.ts', 'b', '10')
    await fast.waitFor(/finished task 6\n/)
    await slow.kill()
    await fast.prints(readme('work.ts sqla+sqlite:///examples.db b'))
    expect(fast.output.match(/finished/g)).toHaveLength(6)
  })

  test('a worker that is interrupted ends in order', async ({ skip }) => {
    await using stage = await openStage(broker, skip)
    await using worker = stage.run('work-queue/work.ts')
    await worker.waitFor(/is process/)
    await worker.kill('SIGINT')
    expect(await worker.ended).toBe(0)
  })
})
