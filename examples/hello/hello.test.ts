import { describe, test } from 'vitest'
import { brokerNames, openStage } from '../testing/stage.ts'
import { printedBy } from '../testing/transcript.ts'

describe.each(brokerNames)('hello on %s', (broker) => {
  test('prints what the README says', async ({ skip }) => {
    await using stage = await openStage(broker, skip)
    await using program = stage.run('hello/hello.ts')
    await program.printsNothingBut(printedBy(import.meta.dirname, 'hello.ts'))
  })
})
