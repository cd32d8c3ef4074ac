import { expect, test } from 'vitest'
import { startProgram } from './printing-program.ts'
import { findPython } from './python.ts'

type Skip = (reason: string) => never

/** Any program that prints will do: this one explains itself when it is called wrongly. */
function start(skip: Skip, args: readonly string[]) {
  const { path, reason } = findPython('kombu56')
  return startProgram({ python: path ?? skip(reason ?? ''), program: 'seed1_failover.py', args })
}

test('waitFor() gives lines in their order, each once', async ({ skip }) => {
  await using program = await start(skip, ['strategy', 'memory://'])
  expect(await program.waitFor(/round-robin/)).toBe("['round-robin', 'shuffle']")
  expect(await program.waitFor(/./)).toBe('memory://localhost//')
  expect(await program.ended).toBe(0)
  expect(program.lines).toHaveLength(2)
  await expect(program.waitFor(/round-robin/)).rejects.toThrow('ended without printing')
})

test('waitFor() gives up in time and shows what was printed', async ({ skip }) => {
  await using program = await start(skip, ['consumer', 'memory://'])
  await expect(program.waitFor(/never/, { timeoutMs: 50 })).rejects.toThrow(
    'seed1_failover.py did not print in time /never/',
  )
})

test('a program that ends rejects who waits, with its stderr', async ({ skip }) => {
  await using program = await start(skip, [])
  // Longer than this test may take: only the end can reject it.
  const waiting = program.waitFor(/anything/, { timeoutMs: 600_000 })
  await expect(waiting).rejects.toThrow(/ended without printing.*usage: /s)
  expect(await program.ended).toBe(1)
})

test('kill() resolves when it is gone', async ({ skip }) => {
  const program = await start(skip, ['consumer', 'memory://'])
  await program.kill()
  expect(await program.ended).toBeNull()
})
