import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DecodeError } from '../errors.ts'
import { DateTime, isoText } from './date-time.ts'

test.each([
  ['2024-01-02T03:04:05', '2024-01-02T03:04:05.000Z'],
  ['2024-01-02T03:04:05.678901', '2024-01-02T03:04:05.678Z'],
  ['2024-01-02T03:04:05.600000-05:30', '2024-01-02T08:34:05.600Z'],
  ['2024-01-02T00:04:05+05:30', '2024-01-01T18:34:05.000Z'],
  ['1900-01-01T00:00:00+00:09:21', '1899-12-31T23:50:39.000Z'],
  ['0001-01-01T00:00:00+00:00', '0001-01-01T00:00:00.000Z'],
  ['0099-06-01T00:00:00+00:00', '0099-06-01T00:00:00.000Z'],
  ['9999-12-31T23:59:59.999999', '9999-12-31T23:59:59.999Z'],
])('%s is the instant %s, and goes back as it came', (text, instant) => {
  const when = new DateTime(text)
  expect(when.toISOString()).toBe(instant)
  expect(String(when)).toBe(text)
})

test.each([
  ['2024-01-02', '2024-01-02T00:00:00'],
  ['2024-01-02 03:04', '2024-01-02T03:04:00'],
  ['2024-01-02T03:04:05.5Z', '2024-01-02T03:04:05.500000+00:00'],
])('%s is read too, and written as %s', (text, written) => {
  expect(String(new DateTime(text))).toBe(written)
})

test.each([
  '',
  'x',
  '2024',
  '2024-02-30T00:00:00',
  '0000-01-01T00:00:00',
  '2024-01-02T',
  '2024-01-02x03:04:05',
  '2024-01-02T24:00:00',
  '2024-01-02T00:60:00',
  '2024-01-02T00:00:61',
  '2024-01-02T00:00:00+24:00',
  '2024-01-02T00:00:00.1234567',
  '2024-01-02T00:00:00+01:60',
  '2024-01-02T00:00:00\n',
])('%j is refused', (text) => {
  expect(() => new DateTime(text)).toThrow(DecodeError)
})

test('after a setter has moved it, it is the new instant', () => {
  const when = new DateTime('2024-01-02T03:04:05.678901+05:30')
  when.setTime(0)
  expect(String(when)).toBe('1970-01-01T00:00:00+00:00')
})

test('isoText() and DateTime agree about every date of Python', () => {
  const date = fc.date({
    min: new Date('0001-01-01T00:00:00Z'),
    max: new Date('9999-12-31T23:59:59.999Z'),
    noInvalidDate: true,
  })
  fc.assert(
    fc.property(date, (value) => {
      const read = new DateTime(isoText(value))
      expect(read.getTime()).toBe(value.getTime())
      expect(read.isExactDate).toBe(true)
      expect(String(read)).toBe(isoText(value))
    }),
  )
})

test('throws nothing but DecodeError', () => {
  const part = fc.constantFrom('2024', '-', '01', '13', 'T', ':', '.', '+', 'Z', '5', ' ')
  const text = fc.oneof(
    fc.string(),
    fc.array(part, { maxLength: 20 }).map((all) => all.join('')),
  )
  fc.assert(
    fc.property(text, (input) => {
      try {
        expect(Number.isNaN(new DateTime(input).getTime())).toBe(false)
      } catch (error) {
        expect(error).toBeInstanceOf(DecodeError)
      }
    }),
    { numRuns: 500 },
  )
})
