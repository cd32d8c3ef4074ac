import fc from 'fast-check'
import { expect, test } from 'vitest'
import { errorRepr, textRepr } from './python-repr.ts'

// Right-hand sides printed by Python 3.11.
test.for([
  ['plain', "'plain'"],
  ["it's", `"it's"`],
  [`"both" it's`, `'"both" it\\'s'`],
  ['a\\b', "'a\\\\b'"],
  ['line\nbreak\ttab\rreturn', "'line\\nbreak\\ttab\\rreturn'"],
  ['\u0000\u001b\u007f\u0085', "'\\x00\\x1b\\x7f\\x85'"],
  ['é 🎉', "'é 🎉'"],
  ['', "''"],
] as const)('textRepr(%j) is Python’s repr()', ([text, repr]) => {
  expect(textRepr(text)).toBe(repr)
})

test('textRepr() never lets a text out of its quotes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const repr = textRepr(text)
      const inside = repr.slice(1, -1).replaceAll(/\\(x..|.)/g, '')
      expect(repr[0]).toBe(repr.at(-1))
      expect(inside).not.toContain(repr[0])
      expect(inside).not.toMatch(/\p{Cc}/u)
    }),
  )
})

test('errorRepr() names the class and quotes the message', () => {
  expect(errorRepr(new TypeError("it's bad"))).toBe(`TypeError("it's bad")`)
  expect(errorRepr('thrown text')).toBe("Exception('thrown text')")
})
