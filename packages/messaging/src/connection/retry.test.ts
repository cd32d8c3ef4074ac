import { getEventListeners } from 'node:events'
import { describe, expect, test } from 'vitest'
import { retryIntervalMs, retryOverTime, sleep } from './retry.ts'

const isError = (error: unknown): error is Error => error instanceof Error
const fast = { intervalStartMs: 1, intervalStepMs: 1, intervalMaxMs: 2 }

describe('retryIntervalMs()', () => {
  test('grows by steps and never exceeds its maximum', () => {
    const policy = { intervalStartMs: 100, intervalStepMs: 200, intervalMaxMs: 450 }
    expect([0, 1, 2, 3].map((retry) => retryIntervalMs(retry, policy))).toEqual([
      100, 300, 450, 450,
    ])
    expect(retryIntervalMs(0, {})).toBe(1000)
    expect(retryIntervalMs(99, {})).toBe(5000)
  })
})

describe('retryOverTime()', () => {
  test('tries until it works, and tells of each failure', async () => {
    let tries = 0
    const told: string[] = []
    const run = async () => {
      tries += 1
      if (tries < 3) throw new Error(`no ${tries}`)
      return 'yes'
    }
    const errback = (error: Error, ms: number) => told.push(`${error.message}, again in ${ms}`)
    expect(await retryOverTime(run, isError, { ...fast, errback })).toBe('yes')
    expect(told).toEqual(['no 1, again in 1', 'no 2, again in 2'])
  })

  test('maxRetries counts repetitions; the last error is thrown', async () => {
    let tries = 0
    const run = async () => {
      tries += 1
      throw new Error(`no ${tries}`)
    }
    await expect(retryOverTime(run, isError, { ...fast, maxRetries: 2 })).rejects.toThrow('no 3')
    expect(tries).toBe(3)
    tries = 0
    await expect(retryOverTime(run, isError, { maxRetries: 0 })).rejects.toThrow('no 1')
  })

  test('does not repeat what is no use', async () => {
    let tries = 0
    const never = (_: unknown): _ is Error => false
    const run = async () => {
      tries += 1
      throw new Error('no')
    }
    await expect(retryOverTime(run, never, fast)).rejects.toThrow('no')
    expect(tries).toBe(1)
  })

  test('an abort ends the wait between two tries', async () => {
    const abort = new AbortController()
    const run = () => Promise.reject(new Error('no'))
    const policy = {
      intervalStartMs: 60_000,
      signal: abort.signal,
      errback: () => abort.abort(new Error('enough')),
    }
    await expect(retryOverTime(run, isError, policy)).rejects.toThrow('enough')
  })
})

test('sleep() leaves no listener behind', async () => {
  const { signal } = new AbortController()
  await sleep(1, signal)
  expect(getEventListeners(signal, 'abort')).toEqual([])
})
