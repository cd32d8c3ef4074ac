import { test } from 'vitest'
import { openStage } from '../testing/stage.ts'
import { printedBy } from '../testing/transcript.ts'

test('publish and subscribe prints what the README says', async ({ skip }) => {
  await using stage = await openStage('redis', skip)
  await using program = stage.run('redis-msg/redis-msg.ts')
  await program.printsNothingBut(
    printedBy(import.meta.dirname, 'redis-msg.ts redis://localhost:6379/0'),
  )
})
