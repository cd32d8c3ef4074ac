import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { stableText } from './stable-text.ts'

test('stableText() does not depend on the order of keys', () => {
  expect(stableText({ a: 1, b: { c: 2, d: 3 } })).toBe(stableText({ b: { d: 3, c: 2 }, a: 1 }))
  expect(stableText({ a: 1, b: undefined })).toBe(stableText({ a: 1 }))
})

test('stableText() tells values of different types apart', () => {
  const values = [
    1,
    '1',
    1n,
    true,
    'true',
    null,
    'null',
    [],
    {},
    '[]',
    '{}',
    [[]],
    [1, 2],
    ['1,2'],
    [null],
    { a: 1 },
    { a: '1' },
    { a: null },
    '{"a":1}',
    new Date(1),
    'date 1',
    new Date(2),
    new Uint8Array([1]),
    new Uint8Array([2]),
    'bytes 01',
    undefined,
    [undefined],
    Number.NaN,
  ]
  expect(new Set(values.map(stableText)).size).toBe(values.length)
})

test('stableText() is the same for equal values only', () => {
  // As JSON brings them: without negative zeros.
  const json = fc.json({ maxDepth: 3 }).map((text): unknown => JSON.parse(text))
  fc.assert(
    fc.property(json, json, (a, b) => {
      expect(stableText(a)).toBe(stableText(structuredClone(a)))
      expect(stableText(a) === stableText(b)).toBe(isDeepStrictEqual(a, b))
    }),
  )
})
