import { expect, test } from 'vitest'
import { DecodeError } from '../errors.ts'
import { Decimal } from './decimal.ts'

test.each([
  ['1.250', 1.25],
  ['-0', -0],
  ['1E+3', 1000],
  ['.5', 0.5],
  ['5.', 5],
  ['12345678901234567890123.5', Number('12345678901234567890123.5')],
  ['NaN', Number.NaN],
  ['sNaN123', Number.NaN],
  ['Infinity', Infinity],
  ['-inf', -Infinity],
])('%s keeps its text and is nearest to %d', (text, nearest) => {
  const decimal = new Decimal(text)
  expect(`${decimal} ${JSON.stringify(decimal)}`).toBe(`${text} "${text}"`)
  expect(decimal.toNumber()).toBe(nearest)
  expect(Object.isFrozen(decimal)).toBe(true)
})

test.each(['', '.', 'e5', '1,5', '0x10', ' 1', '1 ', '1_000', 'nano'])('%j is refused', (text) => {
  expect(() => new Decimal(text)).toThrow(DecodeError)
})

test('the error does not repeat a text without end', () => {
  expect(() => new Decimal('x'.repeat(1000))).toThrow(/^.{1,200}$/)
})
