import { expect, test } from 'vitest'
import { Frontier, type PageResult } from './frontier.ts'
import { Ledger } from './ledger.ts'

function page(url: string, sameOrigin: readonly string[], external: readonly string[] = []) {
  const outcome = { kind: 'fetched', bytes: 1, worker: 'one' } as const
  return { url, outcome, sameOrigin, external } satisfies PageResult
}

test('Frontier gives every page once, in order, and ends with the last result', () => {
  const ledger = new Ledger()
  const frontier = new Frontier(ledger, { startUrl: '/', maxPages: 10 })
  expect(frontier.begin()).toEqual(['/'])
  expect(frontier.accept(page('/', ['/b', '/a', '/'], ['other']))).toEqual(['/b', '/a'])
  expect(frontier.accept(page('/a', ['/b', '/c']))).toEqual(['/c'])
  expect(frontier.isDone).toBe(false)
  expect(frontier.accept(page('/b', []))).toEqual([])
  expect(frontier.accept(page('/c', []))).toEqual([])
  expect(frontier.isDone).toBe(true)
  expect(ledger.summary().counts).toMatchObject({ 'fetched-once': 4, external: 1 })
})

test('Frontier.accept() may be told the same twice', () => {
  const ledger = new Ledger()
  const frontier = new Frontier(ledger, { startUrl: '/', maxPages: 10 })
  frontier.begin()
  frontier.accept(page('/', ['/a'], ['other']))
  expect(frontier.accept(page('/', ['/a'], ['other']))).toEqual([])
  expect(ledger.summary()).toMatchObject({ repeated: [{ url: '/', times: 2 }], open: ['/a'] })
})

test('Frontier stops at the page limit and accounts for the rest', () => {
  const ledger = new Ledger()
  const frontier = new Frontier(ledger, { startUrl: '/', maxPages: 2 })
  frontier.begin()
  expect(frontier.accept(page('/', ['/a', '/b', '/c']))).toEqual(['/a'])
  frontier.accept(page('/a', ['/d']))
  expect(frontier.isDone).toBe(true)
  expect(ledger.summary().counts).toMatchObject({ 'fetched-once': 2, 'not-visited': 3 })
})

test('Frontier.accept() refuses a page that it never gave', () => {
  const frontier = new Frontier(new Ledger(), { startUrl: '/', maxPages: 2 })
  expect(() => frontier.accept(page('/x', []))).toThrow('/x')
})
