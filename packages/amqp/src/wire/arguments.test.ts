import { EncodeError } from '@dashi/messaging/transport'
import { expect, test } from 'vitest'
import { wireArguments } from './arguments.ts'

test('whole numbers have 32 or 64 bits, as the same numbers in headers', () => {
  expect(wireArguments({ small: 1, large: 2 ** 40, part: 0.5, big: 2n ** 60n })).toEqual({
    small: { '!': 'int', value: 1 },
    large: { '!': 'long', value: 2 ** 40 },
    part: { '!': 'double', value: 0.5 },
    big: { '!': 'int64', value: 2n ** 60n },
  })
})

test('a key that amqplib takes for its own is a key', () => {
  expect(wireArguments({ table: { '!': 'x' } })).toEqual({
    table: { '!': 'object', value: { '!': 'x' } },
  })
})

test('what has no value is left out, what has no form is refused by name', () => {
  expect(wireArguments({ none: undefined, empty: null, list: ['a', true] })).toEqual({
    empty: null,
    list: ['a', true],
  })
  expect(() => wireArguments({ 'x-odd': { deep: Symbol('no') } })).toThrow(EncodeError)
  expect(() => wireArguments({ 'x-odd': { deep: new Map() } })).toThrow('x-odd.deep')
})
