import { expect, test } from 'vitest'
import { Frontier } from './crawl/frontier.ts'
import { Ledger } from './crawl/ledger.ts'
import { visitPage } from './crawl/visit-page.ts'
import { startSite } from './site/server.ts'

test('the real site, visited page by page in one process, is accounted for to the last', async () => {
  const site = await startSite()
  const ledger = new Ledger()
  const frontier = new Frontier(ledger, { startUrl: site.url, maxPages: 10_000 })
  const options = { limits: { timeoutMs: 10_000, maxBytes: 1_000_000 }, worker: 'only' }
  const waiting = [...frontier.begin()]
  for (let url = waiting.shift(); url !== undefined; url = waiting.shift()) {
    waiting.push(...frontier.accept(await visitPage(url, options)))
  }
  for (const [path, times] of site.requests) {
    ledger.recordRequests(new URL(path, site.url).href, times)
  }
  await site.close()

  const { counts, ...summary } = ledger.summary()
  expect(site.pageCount).toBeGreaterThanOrEqual(200)
  expect(counts['fetched-once'] + counts['too-large']).toBe(site.pageCount)
  expect(counts).toMatchObject({ 'fetched-repeatedly': 0, 'not-visited': 0, failed: 0 })
  expect(counts.external).toBeGreaterThan(0)
  expect(counts['not-found']).toBeGreaterThan(0)
  expect(counts['not-html']).toBeGreaterThan(0)
  expect(summary).toMatchObject({ accounted: summary.discovered, open: [] })
}, 60_000)
