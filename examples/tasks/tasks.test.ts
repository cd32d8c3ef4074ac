import { describe, test } from 'vitest'
import { brokerNames, openStage } from '../testing/stage.ts'
import { printedBy } from '../testing/transcript.ts'

describe.each(brokerNames)('tasks on %s', (broker) => {
  test('print what the README says', async ({ skip }) => {
    await using stage = await openStage(broker, skip)
    const backend = broker === 'redis' ? stage.url : 'db+sqlite:///results.db'
    await using worker = stage.run('tasks/worker.ts', backend)
    await worker.prints(printedBy(import.meta.dirname, 'worker.ts'))
    await using client = stage.run('tasks/client.ts', backend)
    await client.printsNothingBut(printedBy(import.meta.dirname, 'client.ts'))
  })
})
