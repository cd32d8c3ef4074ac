import fc from 'fast-check'
import { expect, test } from 'vitest'
import { htmlTags } from './html-tags.ts'

function tagsOf(html: string): readonly (readonly [string, Readonly<Record<string, string>>])[] {
  return [...htmlTags(html)].map(({ name, attributes }) => [name, Object.fromEntries(attributes)])
}

test('htmlTags() reads names and attributes in any case and any quotes', () => {
  expect(tagsOf(`<P><A HREF="x" class='y z' data-n=7 hidden>t</A><br/>`)).toEqual([
    ['p', {}],
    ['a', { href: 'x', class: 'y z', 'data-n': '7', hidden: '' }],
    ['br', {}],
  ])
})

test('htmlTags() takes the first of a repeated attribute, and a ">" within quotes', () => {
  expect(tagsOf('<a href="a>b" href=c>')).toEqual([['a', { href: 'a>b' }]])
})

test('htmlTags() decodes references that stand for characters and leaves the others', () => {
  expect(tagsOf('<a href="?a=1&amp;b=&#50;&#x33;&nothing;&#0;&#x110000;&c=4">')).toEqual([
    ['a', { href: '?a=1&b=23&nothing;&#0;&#x110000;&c=4' }],
  ])
})

test.each([
  ['a comment', '<!-- <a href=x> --><b>'],
  ['an empty comment', '<!--><b>'],
  ['a script', '<script>if (a<b) "</scripty><a href=x>"</SCRIPT ><b>'],
  ['an end tag', '</a href=x><b>'],
  ['a lone "<"', 'a < b <<b>'],
])('htmlTags() finds no tag in %s', (_what, html) => {
  expect(tagsOf(html).filter(([name]) => name !== 'script')).toEqual([['b', {}]])
})

test.each(['<a href="x', '<a href=x', '<!-- <b>', '<title><b>', '<a', '<'])(
  'htmlTags() ends at the end of the cut text %s',
  (html) => {
    expect(tagsOf(html).filter(([name]) => name !== 'title')).toEqual([])
  },
)

test('htmlTags() reads back any attribute value that was written', () => {
  const escaped = (value: string): string =>
    value.replaceAll('&', '&amp;').replaceAll('"', '&quot;')
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (value) => {
      expect(tagsOf(`x<i><a href="${escaped(value)}">`)).toEqual([
        ['i', {}],
        ['a', { href: value }],
      ])
    }),
  )
})

test('htmlTags() takes linear time on texts that are made to be slow', () => {
  const parts = ['<a ', '<a "', '<a x="', '<!--', '<script>', '<', '<a ='].map((part) =>
    part.repeat(Math.ceil(1_000_000 / part.length)),
  )
  const start = performance.now()
  for (const html of parts) tagsOf(html)
  expect(performance.now() - start).toBeLessThan(5_000)
})
