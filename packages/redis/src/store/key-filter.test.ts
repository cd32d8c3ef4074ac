import fc from 'fast-check'
import { expect, test } from 'vitest'
import { keyFilter } from './key-filter.ts'

test.each([
  ['', 'anything', true],
  ['a.b', 'a.b', true],
  ['a.b', 'a.bc', false],
  ['a.*', 'a.b.c', true],
  ['a.#', 'a.', true],
  ['a.#', 'a', false],
  ['*', '', true],
  ['a*a', 'a', false],
  ['a*a', 'aa', true],
  ['*b*d', 'abcd', true],
  ['*b*b', 'ab', false],
  ['a?[b]', 'axb', false],
  ['a.(+)*', 'a.(+)!', true],
])('%j lets %j pass: %s', (bindingKey, routingKey, passes) => {
  expect(keyFilter(bindingKey)(routingKey)).toBe(passes)
})

test('is what a regular expression would say', () => {
  const text = (letters: string) =>
    fc.array(fc.constantFrom(...letters), { maxLength: 8 }).map((array) => array.join(''))
  const property = fc.property(text('ab.*#'), text('ab.'), (bindingKey, routingKey) => {
    const pattern = bindingKey.replaceAll('.', '\\.').replaceAll(/[#*]/g, '.*')
    const expected = bindingKey === '' || new RegExp(`^${pattern}$`).test(routingKey)
    expect(keyFilter(bindingKey)(routingKey)).toBe(expected)
  })
  fc.assert(property, { numRuns: 2_000 })
})
