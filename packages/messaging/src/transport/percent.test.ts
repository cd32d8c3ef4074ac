import fc from 'fast-check'
import { expect, test } from 'vitest'
import { percentDecoded, percentEncoded } from './percent.ts'

// What urllib.parse.quote(text, safe='') answers.
test.each([
  ['aZ09-._~', 'aZ09-._~'],
  ["!'()*", '%21%27%28%29%2A'],
  ['/?#@:%+ &=', '%2F%3F%23%40%3A%25%2B%20%26%3D'],
  ['é\u{1f600}', '%C3%A9%F0%9F%98%80'],
])('percentEncoded(%j) is that of Python', (text, expected) => {
  expect(percentEncoded(text)).toBe(expected)
})

// What urllib.parse.unquote() answers.
test.each([
  ['a%20b+c', 'a b+c'],
  ['%2', '%2'],
  ['%zz%41', '%zzA'],
  ['%c3%A9', 'é'],
  ['%ff', '\ufffd'],
])('percentDecoded(%j) is that of Python', (text, expected) => {
  expect(percentDecoded(text)).toBe(expected)
})

test('percentDecoded() undoes percentEncoded()', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(percentDecoded(percentEncoded(text))).toBe(text.toWellFormed())
    }),
  )
})
