import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { EtaHold } from './eta-hold.ts'
import type { Reservation } from './reservation.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
})
afterEach(() => {
  vi.useRealTimers()
})

// Nothing of it is looked at.
const reservation = (name: string) => ({ name }) as unknown as Reservation

test('hands out in the order of their times, those of one time in the order of arrival', () => {
  const due: Reservation[] = []
  const hold = new EtaHold((one) => due.push(one))
  const [late, soon, soonToo] = [reservation('late'), reservation('soon'), reservation('soon too')]
  hold.add(late, Date.now() + 2_000)
  hold.add(soon, Date.now() + 1_000)
  hold.add(soonToo, Date.now() + 1_000)

  vi.advanceTimersByTime(999)
  expect(due).toEqual([])
  vi.advanceTimersByTime(1)
  expect(due).toEqual([soon, soonToo])
  vi.advanceTimersByTime(1_000)
  expect(due).toEqual([soon, soonToo, late])
  expect(hold.count).toBe(0)
})

test('a time further away than a timer reaches is waited for', () => {
  const due: Reservation[] = []
  const hold = new EtaHold((one) => due.push(one))
  const days = 60 * 86_400_000
  hold.add(reservation('in two months'), Date.now() + days)
  vi.advanceTimersByTime(days - 1)
  expect(due).toHaveLength(0)
  vi.advanceTimersByTime(1)
  expect(due).toHaveLength(1)
})

test('gives back what it holds', () => {
  const hold = new EtaHold(() => undefined)
  const one = reservation('one')
  hold.add(one, Date.now() + 1_000)
  expect(hold.clear()).toEqual([one])
  expect(vi.getTimerCount()).toBe(0)
})
