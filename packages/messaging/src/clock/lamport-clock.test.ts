import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareEventTimes, LamportClock } from './lamport-clock.ts'

describe('LamportClock', () => {
  test('counts own events, and moves past those of others', () => {
    const clock = new LamportClock()
    expect(clock.value).toBe(0)
    expect(clock.forward()).toBe(1)
    expect(clock.adjust(10)).toBe(11)
    expect(clock.adjust(3)).toBe(12)
    expect(clock.forward()).toBe(13)
    expect(clock.value).toBe(13)
    expect(new LamportClock(7).forward()).toBe(8)
  })

  test('gives an effect a higher number than its cause, along any chain of messages', () => {
    const hops = fc.array(fc.nat(2), { minLength: 1 })
    fc.assert(
      fc.property(hops, (receivers) => {
        const clocks = [new LamportClock(5), new LamportClock(), new LamportClock(900)]
        let sent = new LamportClock(3).forward()
        for (const receiver of receivers) {
          const received = clocks[receiver]?.adjust(sent) ?? 0
          expect(received).toBeGreaterThan(sent)
          sent = clocks[receiver]?.forward() ?? 0
          expect(sent).toBeGreaterThan(received)
        }
      }),
    )
  })

  test.each([
    Number.NaN,
    -1,
    1.5,
    Number.POSITIVE_INFINITY,
    2 ** 53,
    2 ** 52 + 1,
    '1',
    null,
    undefined,
  ])('does not move for %s', (value) => {
    const clock = new LamportClock(4)
    // Headers come from the wire, and may hold anything.
    expect(() => clock.adjust(value as number)).toThrow(RangeError)
    expect(clock.value).toBe(4)
  })

  test('still counts after the highest value that it takes', () => {
    const clock = new LamportClock()
    const highest = clock.adjust(2 ** 52)
    expect(clock.forward()).toBe(highest + 1)
  })
})

describe('LamportClock.sortHeap()', () => {
  const clock = new LamportClock()

  test('gives the first event if its clock is the only one', () => {
    expect(
      clock.sortHeap([
        [3, 'z'],
        [4, 'a'],
      ]),
    ).toEqual([3, 'z'])
    expect(clock.sortHeap([[3, 'z']])).toEqual([3, 'z'])
    expect(clock.sortHeap([])).toBeUndefined()
  })

  test('gives that of the lowest process id otherwise', () => {
    expect(
      clock.sortHeap([
        [3, 'b', 1],
        [3, 'c', 2],
        [3, 'a', 3],
        [4, '0', 4],
      ]),
    ).toEqual([3, 'a', 3])
    expect(
      clock.sortHeap([
        [3, 'b'],
        [3, 'a'],
      ]),
    ).toEqual([3, 'a'])
  })
})

describe('compareEventTimes()', () => {
  const event = (clock: number | undefined, timestamp: number, id: string) => ({
    clock,
    timestamp,
    id,
  })

  // kombu.clocks.timetuple.__lt__
  test.each([
    ['the clock decides', event(1, 9, 'z'), event(2, 1, 'a'), -1],
    ['ids decide ties', event(1, 9, 'a'), event(1, 1, 'b'), -1],
    ['the same', event(1, 9, 'a'), event(1, 1, 'a'), 0],
    ['no clock: the time decides', event(undefined, 1, 'z'), event(2, 2, 'a'), -1],
    ['clock 0 is none', event(0, 2, 'a'), event(5, 1, 'z'), 1],
  ])('%s', (_, a, b, sign) => {
    expect(Math.sign(compareEventTimes(a, b))).toBe(sign)
    // Zero has a sign in JavaScript.
    expect(Math.sign(compareEventTimes(b, a))).toBe(0 - sign)
  })
})
