import { test } from 'vitest'
import { openStage } from '../testing/stage.ts'
import { printedBy } from '../testing/transcript.ts'

const readme = (command: string) => printedBy(import.meta.dirname, command)

test('queue disciplines on Redis', async ({ skip }) => {
  await using stage = await openStage('redis', skip)
  await using program = stage.run('queue-disciplines/redis.ts')
  await program.printsNothingBut(readme('redis.ts redis://localhost:6379/0'))
})

test('queue disciplines on SQLite', async ({ skip }) => {
  await using stage = await openStage('sqlite', skip)
  await using program = stage.runWith('queue-disciplines/sqlite.ts')
  await program.printsNothingBut(readme('sqlite.ts'))
})
