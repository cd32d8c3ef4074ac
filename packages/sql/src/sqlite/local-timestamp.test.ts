import { expect, test } from 'vitest'
import { localTimestamp } from './local-timestamp.ts'

test('local time with microseconds, as SQLAlchemy writes it', () => {
  expect(localTimestamp(new Date(2026, 0, 2, 3, 4, 5, 6))).toBe('2026-01-02 03:04:05.006000')
  expect(localTimestamp(new Date(2026, 10, 25, 14, 59, 0, 999))).toBe('2026-11-25 14:59:00.999000')
})
