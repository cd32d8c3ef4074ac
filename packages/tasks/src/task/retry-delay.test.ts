import fc from 'fast-check'
import { expect, test } from 'vitest'
import { retryDelayMs } from './retry-delay.ts'

const name = 't'

test.each([
  ['three minutes by default', { name }, 5, 180_000],
  ['the same each time without backoff', { name, defaultRetryDelayMs: 7 }, 5, 7],
  ['doubled from a second', { name, retryBackoff: true, retryJitter: false }, 3, 8_000],
  ['doubled from what is said', { name, retryBackoff: 500, retryJitter: false }, 3, 4_000],
  ['ten minutes at most', { name, retryBackoff: true, retryJitter: false }, 2_000, 600_000],
  ['its own maximum', { name, retryBackoff: 10, retryBackoffMaxMs: 15, retryJitter: false }, 9, 15],
])('%s', (_, options, retries, delayMs) => {
  expect(retryDelayMs(options, retries)).toBe(delayMs)
})

test('jitter is a whole number from 0 to the pause, both included', () => {
  fc.assert(
    fc.property(
      fc.nat(2_000),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (retries, random) => {
        const options = { name, retryBackoff: true } as const
        const longest = retryDelayMs({ ...options, retryJitter: false }, retries)
        const delay = retryDelayMs(options, retries, random)
        expect(Number.isInteger(delay) && delay >= 0 && delay <= longest).toBe(true)
      },
    ),
  )
  expect(retryDelayMs({ name, retryBackoff: 10 }, 0, 0)).toBe(0)
  expect(retryDelayMs({ name, retryBackoff: 10 }, 0, 0.999)).toBe(10)
})
