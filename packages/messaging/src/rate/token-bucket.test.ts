import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TokenBucket } from './token-bucket.ts'

function bucketAt(fillRatePerSecond: number, capacity?: number) {
  let nowMs = 1_000_000
  const bucket = new TokenBucket(fillRatePerSecond, capacity, { now: () => nowMs })
  const pass = (milliseconds: number) => {
    nowMs += milliseconds
  }
  return { bucket, pass }
}

describe('TokenBucket', () => {
  test('starts full, empties, and fills again', () => {
    const { bucket, pass } = bucketAt(2, 3)
    expect([bucket.canConsume(), bucket.canConsume(2), bucket.canConsume()]).toEqual([
      true,
      true,
      false,
    ])
    expect(bucket.expectedTimeMs()).toBe(500)
    pass(499)
    expect(bucket.canConsume()).toBe(false)
    pass(1)
    expect(bucket.expectedTimeMs()).toBe(0)
    expect(bucket.canConsume()).toBe(true)
  })

  test('takes all or nothing', () => {
    const { bucket } = bucketAt(1, 3)
    expect(bucket.canConsume(4)).toBe(false)
    expect(bucket.canConsume(3)).toBe(true)
  })

  test('has room for one token if not told otherwise', () => {
    const { bucket, pass } = bucketAt(1)
    pass(10_000)
    expect([bucket.canConsume(), bucket.canConsume()]).toEqual([true, false])
  })

  test('cannot be emptied twice after a long rest', () => {
    const { bucket, pass } = bucketAt(1, 5)
    pass(1_000_000)
    expect([bucket.canConsume(5), bucket.canConsume(1)]).toEqual([true, false])
  })

  test('says when more than it holds will be there: never', () => {
    const { bucket } = bucketAt(1, 2)
    bucket.canConsume(2)
    expect(bucket.expectedTimeMs(2)).toBe(2000)
    expect(bucket.expectedTimeMs(3)).toBe(Number.POSITIVE_INFINITY)
    expect(bucketAt(0, 1).bucket.expectedTimeMs()).toBe(0)
  })

  test('never fills at rate 0', () => {
    const { bucket, pass } = bucketAt(0)
    expect(bucket.canConsume()).toBe(true)
    pass(1_000_000)
    expect(bucket.canConsume()).toBe(false)
    expect(bucket.expectedTimeMs()).toBe(Number.POSITIVE_INFINITY)
  })

  test('lets no more through than capacity + rate × time, and that much if asked often', () => {
    const rests = fc.array(fc.integer({ min: 0, max: 900 }), { minLength: 1, maxLength: 100 })
    fc.assert(
      fc.property(
        rests,
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 5 }),
        (list, rate, capacity) => {
          const { bucket, pass } = bucketAt(rate, capacity)
          let passedMs = 0
          let taken = 0
          for (const rest of list) {
            while (bucket.canConsume()) taken++
            pass(rest)
            passedMs += rest
          }
          expect(taken).toBeLessThanOrEqual(capacity + (rate * passedMs) / 1000 + 1e-9)
          expect(taken).toBeGreaterThanOrEqual(capacity)
        },
      ),
    )
  })

  test('uses a clock that never goes back', () => {
    const bucket = new TokenBucket(1_000_000)
    expect(bucket.canConsume()).toBe(true)
    expect(bucket.expectedTimeMs()).toBeLessThanOrEqual(0.001)
  })

  test.each([
    [-1, 1, /fillRatePerSecond has to be at least 0, not -1/],
    [Number.NaN, 1, /fillRatePerSecond/],
    [1, 0, /capacity has to be more than 0, not 0/],
    [1, Number.NaN, /capacity/],
  ])('refuses %s, %s', (rate, capacity, message) => {
    expect(() => new TokenBucket(rate, capacity)).toThrow(RangeError)
    expect(() => new TokenBucket(rate, capacity)).toThrow(message)
  })
})
