import { expect, test, vi } from 'vitest'
import { perSecond, RateLimits } from './rate-limits.ts'
import type { Reservation } from './reservation.ts'

test.each([
  [10, 10],
  ['10/s', 10],
  ['30/m', 0.5],
  ['36/h', 0.01],
  [0, undefined],
  [null, undefined],
  ['', undefined],
])('%j is %j per second', (limit, rate) => {
  expect(perSecond(limit)).toBe(rate)
})

test.each(['ten', '10/d', '-1', '10/'])('%j is refused', (limit) => {
  expect(() => perSecond(limit)).toThrow(limit)
})

// Only the task's name is looked at.
const reservation = (name: string) => ({ task: { name } }) as unknown as Reservation

test('the first one passes, others in order and at the rate', () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  const handed: Reservation[] = []
  const limits = new RateLimits((one) => handed.push(one))
  limits.set('slow', '1/s')
  const waiting = [reservation('slow'), reservation('slow')]

  expect(limits.delays(reservation('slow'))).toBe(false)
  expect(limits.delays(reservation('other'))).toBe(false)
  expect(waiting.map((one) => limits.delays(one))).toEqual([true, true])
  vi.advanceTimersByTime(1_000)
  expect(handed).toEqual([waiting[0]])
  vi.advanceTimersByTime(1_000)
  expect(handed).toEqual(waiting)
  vi.useRealTimers()
})

test('what waits is handed out when the limit ends, and given back when the worker does', () => {
  const handed: Reservation[] = []
  const limits = new RateLimits((one) => handed.push(one))
  limits.set('slow', '1/h')
  const [first, second, third] = [reservation('slow'), reservation('slow'), reservation('slow')]
  limits.delays(first)
  limits.delays(second)

  limits.set('slow', null)
  expect(handed).toEqual([second])

  limits.set('slow', '1/h')
  limits.delays(first)
  limits.delays(third)
  expect(limits.clear()).toEqual([third])
})
