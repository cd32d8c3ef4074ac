import { expect, test } from 'vitest'
import { DecodeError } from '../errors.ts'
import { PlainDate } from './plain-date.ts'

test('holds year, month and day, and is written as it was read', () => {
  const date = new PlainDate('0987-02-28')
  expect(date).toMatchObject({ year: 987, month: 2, day: 28 })
  expect(`${date} ${JSON.stringify(date)}`).toBe('0987-02-28 "0987-02-28"')
  expect(Object.isFrozen(date)).toBe(true)
})

test.each(['2024-02-29', '2000-02-29', '2023-12-31', '9999-12-31', '0001-01-01'])(
  '%s exists',
  (text) => {
    expect(String(new PlainDate(text))).toBe(text)
  },
)

test.each([
  '2023-02-29',
  '1900-02-29',
  '2024-04-31',
  '2024-13-01',
  '2024-00-01',
  '2024-01-00',
  '0000-01-01',
  '2024-1-1',
  '10000-01-01',
  '2024-01-01T00:00',
  '',
])('%j does not', (text) => {
  expect(() => new PlainDate(text)).toThrow(DecodeError)
})
