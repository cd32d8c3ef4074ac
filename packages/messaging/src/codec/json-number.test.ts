import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mayHoldLongInteger } from './json-number.ts'

test.each([
  ['1234567890123456', true],
  ['-1234567890123456', true],
  ['[1,1234567890123456]', true],
  ['{"a": 12345678901234567890}', true],
  ['123456789012345', false],
  ['[0.1234567890123456789]', false],
  ['[123456789012345.1234567890123456]', false],
  ['"no digits at all, but a long text that needs looking through"', false],
])('%s may hold a long integer: %s', (text, expected) => {
  expect(mayHoldLongInteger(text)).toBe(expected)
})

test('never misses an integer of 16 digits or more, wherever it stands', () => {
  const integer = fc.bigInt({ min: 10n ** 15n, max: 10n ** 40n })
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.nat(), fc.double({ noNaN: true }))), integer, (list, long) => {
      expect(mayHoldLongInteger(JSON.stringify(list).replace(']', `,${long}]`))).toBe(true)
    }),
  )
})
