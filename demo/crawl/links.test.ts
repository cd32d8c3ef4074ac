import { expect, test } from 'vitest'
import { extractLinks, normaliseUrl } from './links.ts'

const page = 'http://Site.test:80/docs/index.html?q=1'

test('extractLinks() makes links absolute, drops fragments, and names each once, in order', () => {
  const html = '<a href="b.html#one"><a href="/a"><area href="b.html#two"><iframe src=./c>'
  expect(extractLinks(html, page)).toEqual({
    sameOrigin: ['http://site.test/docs/b.html', 'http://site.test/a', 'http://site.test/docs/c'],
    external: [],
    ignored: [],
  })
})

test('extractLinks() tells other origins apart by scheme, host and port', () => {
  const html =
    '<a href="//site.test/x"><a href="https://site.test/x"><a href="http://site.test:81/x"><a href="http://other.test">'
  expect(extractLinks(html, page)).toMatchObject({
    sameOrigin: ['http://site.test/x'],
    external: ['https://site.test/x', 'http://site.test:81/x', 'http://other.test/'],
  })
})

test('extractLinks() keeps apart what is no page', () => {
  const html =
    '<a href="mailto:a@b.test"><a href="javascript:void 0"><a href="data:,x"><a href="http://[">'
  expect(extractLinks(html, page)).toEqual({
    sameOrigin: [],
    external: [],
    ignored: ['mailto:a@b.test', 'javascript:void 0', 'data:,x', 'http://['],
  })
})

test('extractLinks() follows <base>, the first one only, and looks at no other attribute', () => {
  const html = '<base href="/v2/"><base href="/v3/"><a name=x href=y><link href=z><img src=w>'
  expect(extractLinks(html, page).sameOrigin).toEqual(['http://site.test/v2/y'])
})

test('extractLinks() takes an empty reference as the page itself', () => {
  expect(extractLinks('<a href="#top"><a href="">', page).sameOrigin).toEqual([
    'http://site.test/docs/index.html?q=1',
  ])
})

test('normaliseUrl() drops credentials and default ports', () => {
  expect(normaliseUrl('HTTP://user:secret@Site.TEST:80/%7Ea?x#y', page)).toBe(
    'http://site.test/%7Ea?x',
  )
})
