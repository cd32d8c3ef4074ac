import fc from 'fast-check'
import { expect, test } from 'vitest'
import { backoffMs } from './backoff.ts'

const attempts = fc.integer({ min: 1, max: 10_000 })
const random = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })

test('doubles from the start to the most, half of it random', () => {
  const least = [1, 2, 3, 4, 5, 6, 99].map((attempt) => backoffMs(attempt, 0))
  expect(least).toEqual([25, 50, 100, 200, 400, 500, 500])
  expect(backoffMs(1, 0.5)).toBe(37.5)
  expect(backoffMs(3, 0, { startMs: 10, maxMs: 35 })).toBe(17.5)
})

test('never exceeds the most, and is never less than half of what is due', () => {
  fc.assert(
    fc.property(attempts, random, (attempt, chance) => {
      const ms = backoffMs(attempt, chance)
      expect(ms).toBeLessThanOrEqual(1000)
      expect(ms).toBeGreaterThanOrEqual(25)
    }),
  )
})
