import { expect, test } from 'vitest'
import { type CrawlOptions, crawl } from './crawl.ts'
import type { PageResult } from './frontier.ts'
import { Ledger } from './ledger.ts'

/** A site as a graph: each page leads to the pages listed. */
type Graph = Readonly<Record<string, readonly string[]>>

function visitor(graph: Graph): CrawlOptions['visit'] {
  return async (url): Promise<PageResult> => {
    const sameOrigin = graph[url]
    const outcome = { kind: 'fetched', bytes: 1, worker: 'one' } as const
    if (sameOrigin === undefined) throw new Error(`nobody answers for ${url}`)
    return { url, outcome, sameOrigin, external: [] }
  }
}

test('crawl() visits what is reachable, each page once, and tells how far it is', async () => {
  const ledger = new Ledger()
  const visits: number[] = []
  await crawl(ledger, {
    startUrl: 'a',
    maxPages: 100,
    concurrency: 2,
    visit: visitor({ a: ['b', 'c'], b: ['a', 'd'], c: ['d'], d: [], unreachable: [] }),
    onVisited: (count) => visits.push(count),
  })
  expect(ledger.summary()).toMatchObject({ discovered: 4, accounted: 4 })
  expect(ledger.summary().counts['fetched-once']).toBe(4)
  expect(visits).toEqual([1, 2, 3, 4])
})

test('crawl() enters what is thrown as the failure of the page, and goes on', async () => {
  const ledger = new Ledger()
  await crawl(ledger, {
    startUrl: 'a',
    maxPages: 100,
    concurrency: 1,
    visit: visitor({ a: ['gone', 'b'], b: [] }),
  })
  expect(ledger.summary()).toMatchObject({
    accounted: 3,
    failed: [{ url: 'gone', outcome: { kind: 'failed', reason: 'nobody answers for gone' } }],
  })
})

test('crawl() keeps as many visits going as it may, and no more', async () => {
  const pages = Array.from({ length: 30 }, (_, page) => `p${page}`)
  const answer = visitor(Object.fromEntries([['a', pages], ...pages.map((page) => [page, []])]))
  let running = 0
  const seen: number[] = []
  await crawl(new Ledger(), {
    startUrl: 'a',
    maxPages: 100,
    concurrency: 4,
    visit: async (url) => {
      running += 1
      seen.push(running)
      const result = await answer(url)
      running -= 1
      return result
    },
  })
  expect(Math.max(...seen)).toBe(4)
  expect(seen).toHaveLength(31)
})
