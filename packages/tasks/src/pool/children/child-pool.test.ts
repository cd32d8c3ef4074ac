import { expect, test, vi } from 'vitest'
import { jobOf, suiteModule } from '../testing/pool-cases.ts'
import { app } from '../testing/suite-app.ts'
import type { MakeChild } from './child-host.ts'
import { ChildPool } from './child-pool.ts'
import { ThreadHost } from './thread-host.ts'

vi.setConfig({ testTimeout: 60_000 })

const reports = {
  onStarted: () => undefined,
  onState: () => undefined,
  onChild: () => undefined,
  onLog: () => undefined,
}

function poolOf(make: MakeChild, warnings: string[]): ChildPool {
  const options = {
    registry: app.registry,
    app: { url: suiteModule },
    size: 1,
    onWarning: (text: string) => warnings.push(text),
  }
  return new ChildPool('threads', options, make)
}

/** Says no so many times. */
function refusing(refusals: { left: number }): MakeChild {
  return (listener) => {
    if (refusals.left === 0) return new ThreadHost(listener, undefined)
    refusals.left -= 1
    throw new Error('EMFILE: too many open files')
  }
}

test('a system that refuses a child: start() rejects', async () => {
  const pool = poolOf(refusing({ left: 1 }), [])
  await expect(pool.start()).rejects.toThrow('EMFILE')
})

test('later, it is asked again until it gives one; the job waits', async () => {
  const warnings: string[] = []
  const refusals = { left: 0 }
  const pool = poolOf(refusing(refusals), warnings)
  await pool.start()
  refusals.left = 3
  expect(await pool.run(jobOf('exit', [1]), reports)).toMatchObject({ kind: 'lost' })
  expect(await pool.run(jobOf('add', [1, 2]), reports)).toEqual({ kind: 'success', value: 3 })
  expect(warnings.filter((text) => text.includes('EMFILE'))).toHaveLength(3)
  await pool.stop('warm', new AbortController().signal)
})

test('children that die at once are not started in a hot loop', async () => {
  const warnings: string[] = []
  let made = 0
  let isDoomed = false
  const pool = poolOf((listener) => {
    made += 1
    const host = new ThreadHost(listener, undefined)
    if (isDoomed) host.kill()
    return host
  }, warnings)
  await pool.start()
  isDoomed = true
  await pool.run(jobOf('exit', [1]), reports)
  const since = performance.now()
  // At once (it had a job), at once, and after 100, 200 and 400 ms.
  await expect.poll(() => made, { timeout: 10_000, interval: 5 }).toBe(6)
  expect(performance.now() - since).toBeGreaterThan(690)
  isDoomed = false
  expect(await pool.run(jobOf('add', [1, 2]), reports)).toEqual({ kind: 'success', value: 3 })
  await pool.stop('warm', new AbortController().signal)
})

test('what an earlier job left behind is not taken for the next one', async () => {
  const pool = poolOf((listener) => new ThreadHost(listener, undefined), [])
  await pool.start()
  const told: unknown[][] = []
  const telling = {
    ...reports,
    onLog: (...line: unknown[]) => told.push(line),
  }
  expect(await pool.run(jobOf('talkLater', [20]), telling)).toMatchObject({ kind: 'success' })
  expect(await pool.run(jobOf('wait', [100]), telling)).toMatchObject({ kind: 'success' })
  expect(told).toEqual([])
  await pool.stop('warm', new AbortController().signal)
})

test('children that run nothing end when the pool shrinks', async () => {
  let ended = 0
  const pool = poolOf((listener) => {
    return new ThreadHost(
      {
        onMessage: (message) => listener.onMessage(message),
        onExit: (how) => {
          ended += 1
          listener.onExit(how)
        },
      },
      undefined,
    )
  }, [])
  await pool.start()
  await pool.resize(3)
  await pool.resize(1)
  await expect.poll(() => ended, { timeout: 10_000 }).toBe(2)
  await pool.stop('warm', new AbortController().signal)
})

test('a job that waits for a child can be aborted and terminated', async () => {
  const refusals = { left: 0 }
  const pool = poolOf(refusing(refusals), [])
  await pool.start()
  refusals.left = 4
  await pool.run(jobOf('exit', [1]), reports)
  const [waiting, told] = [
    pool.run(jobOf('never', []), reports),
    pool.run(jobOf('tellSignal', []), reports),
  ]
  expect(pool.terminate('never-id', 'SIGTERM')).toBe(true)
  expect(await waiting).toEqual({ kind: 'terminated', signal: 'SIGTERM' })
  expect(pool.abort('tellSignal-id', new Error('before it began'))).toBe(true)
  expect(await told).toMatchObject({ value: expect.stringContaining('before it began') })
  await pool.stop('warm', new AbortController().signal)
})
