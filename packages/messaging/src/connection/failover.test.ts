import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FailoverCycle, type FailoverStrategy } from './failover.ts'

const urls = fc.uniqueArray(fc.webUrl(), { minLength: 1, maxLength: 5 })
const builtIn = fc.constantFrom<FailoverStrategy>('round-robin', 'shuffle')

function take(count: number, cycle: FailoverCycle): readonly string[] {
  return [cycle.current, ...Array.from({ length: count - 1 }, () => cycle.next())]
}

describe('FailoverCycle', () => {
  test('round-robin keeps the order of the list, for ever', () => {
    const cycle = new FailoverCycle(['a', 'b', 'c'], 'round-robin')
    expect(take(7, cycle)).toEqual(['a', 'b', 'c', 'a', 'b', 'c', 'a'])
  })

  test('every pass meets every address, wherever it begins', () => {
    fc.assert(
      fc.property(urls, builtIn, fc.nat(10), (list, strategy, skipped) => {
        const cycle = new FailoverCycle(list, strategy)
        for (let step = 0; step < skipped; step += 1) cycle.next()
        expect(new Set(take(list.length, cycle))).toEqual(new Set(list))
      }),
    )
  })

  test('shuffle begins anywhere', () => {
    const first = () => new FailoverCycle(['a', 'b', 'c'], 'shuffle').current
    expect(new Set(Array.from({ length: 200 }, first))).toEqual(new Set(['a', 'b', 'c']))
  })

  test('a function is asked for each next one, and must not end', () => {
    const cycle = new FailoverCycle(['a', 'b'], (list) => list.toReversed())
    expect(take(2, cycle)).toEqual(['b', 'a'])
    expect(() => cycle.next()).toThrow(/failoverStrategy ended/)
  })

  test('an unknown name is refused', () => {
    // @ts-expect-error: not one of the names
    expect(() => new FailoverCycle(['a'], 'random')).toThrow(/"random": use 'round-robin'/)
  })
})
