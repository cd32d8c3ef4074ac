import { expect, test } from 'vitest'
import { instantInZone } from './time-zone.ts'

const iso = (instant: number) => new Date(instant).toISOString()

test.each([
  ['in summer', '2026-07-01T12:00Z', 'Europe/Berlin', '2026-07-01T10:00:00.000Z'],
  ['in winter', '2026-01-01T12:00Z', 'Europe/Berlin', '2026-01-01T11:00:00.000Z'],
  ['shown twice: the earlier', '2026-10-25T02:30Z', 'Europe/Berlin', '2026-10-25T00:30:00.000Z'],
  ['just after it', '2026-10-25T03:00Z', 'Europe/Berlin', '2026-10-25T02:00:00.000Z'],
  ['skipped', '2026-03-29T02:30Z', 'Europe/Berlin', '2026-03-29T00:30:00.000Z'],
  ['behind UTC', '2026-11-01T01:30Z', 'America/New_York', '2026-11-01T05:30:00.000Z'],
  ['half hours', '2026-01-01T00:00Z', 'Asia/Kolkata', '2025-12-31T18:30:00.000Z'],
])('%s', (_what, clock, zone, instant) => {
  expect(iso(instantInZone(Date.parse(clock), zone))).toBe(instant)
})

test('there is no such zone', () => {
  expect(() => instantInZone(0, 'Mars/Olympus')).toThrow(RangeError)
})
