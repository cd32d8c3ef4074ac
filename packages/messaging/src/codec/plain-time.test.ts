import { expect, test } from 'vitest'
import { DecodeError } from '../errors.ts'
import { PlainTime } from './plain-time.ts'

test.each([
  ['03:04:05', '03:04:05'],
  ['03:04', '03:04:00'],
  ['23:59:59.999999', '23:59:59.999999'],
  ['03:04:05.000006+00:00', '03:04:05.000006+00:00'],
  ['03:04:05.5', '03:04:05.500000'],
  ['03:04:05Z', '03:04:05+00:00'],
  ['03:04:05-05:50:36', '03:04:05-05:50:36'],
  ['03:04:05+00:00:00.000001', '03:04:05+00:00:00.000001'],
])('%s is written as %s', (text, written) => {
  const time = new PlainTime(text)
  expect(String(time)).toBe(written)
  expect(JSON.stringify(time)).toBe(`"${written}"`)
})

test('holds its parts, frozen', () => {
  const time = new PlainTime('03:04:05.000006+05:30')
  expect(time).toMatchObject({ hour: 3, minute: 4, second: 5, microsecond: 6, offset: '+05:30' })
  expect(Object.isFrozen(time)).toBe(true)
})

test.each(['', '24:00', '3:04', '03:60', '03:04:60', '03:04:05.', '03:04:05+24:00', '03:04:05+5'])(
  '%j is refused',
  (text) => {
    expect(() => new PlainTime(text)).toThrow(DecodeError)
  },
)
