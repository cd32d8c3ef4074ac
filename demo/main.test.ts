import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

function start(args: readonly string[]) {
  const program = join(import.meta.dirname, 'main.ts')
  const child = spawn(process.execPath, ['--conditions=@dashi/source', program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = async (): Promise<Ended> => {
    const [[code], out, err] = await Promise.all([
      once(child, 'close'),
      text(child.stdout),
      text(child.stderr),
    ])
    return { code, out, err }
  }
  return { child, ended: ended() }
}

test('the demo accounts for every page, though a worker is killed on the way', async () => {
  const { code, out, err } = await start([]).ended
  const lines = out.trimEnd().split('\n')
  const [, accounted = '0'] = /^accounted (\d+) of \1$/.exec(lines.at(-1) ?? '') ?? []
  expect(Number(accounted), out).toBeGreaterThanOrEqual(200)
  expect(code).toBe(0)
  expect(out).toMatch(/^worker-2 .*killed \(SIGKILL\)$/m)
  expect(out).toMatch(/^failed +0$/m)
  expect(err).toContain('worker-4 joined: fetch, parse')
}, 90_000)

test('the demo does the same over Redis, and tells it to programs', async ({ skip }) => {
  const broker = process.env['DASHI_TEST_REDIS_URL'] ?? skip('DASHI_TEST_REDIS_URL is not set')
  const { code, out } = await start(['--broker', broker, '--json', '--workers', '2']).ended
  const report = JSON.parse(out)
  expect(code).toBe(0)
  expect(report.summary.accounted).toBe(report.summary.discovered)
  expect(report.summary.counts['fetched-once']).toBeGreaterThanOrEqual(200)
  expect(report.workers).toHaveLength(3)
}, 90_000)

test('an interrupt ends the demo in its account', async () => {
  const { child, ended } = start([])
  await once(child.stderr, 'data')
  child.kill('SIGINT')
  const { code, out } = await ended
  expect(code).toBe(130)
  expect(out).toMatch(/accounted (\d+) of \1\n$/)
})

test('what makes no sense is said, with exit code 2', async () => {
  const { code, out, err } = await start(['--wokers', '3']).ended
  expect([code, out]).toEqual([2, ''])
  expect(err).toContain('--wokers')
})

test('a broker that does not answer is said, with exit code 1', async () => {
  const { code, out, err } = await start(['--broker', 'redis://127.0.0.1:1/0']).ended
  expect([code, out]).toEqual([1, ''])
  expect(err).toContain('The demo cannot run: Cannot connect to Redis at 127.0.0.1:1/0')
})
