/**
 * The crawl: pages are visited, several at a time, until everything discovered has ended.
 */
import { Frontier, type PageResult } from './frontier.ts'
import type { Ledger } from './ledger.ts'

/** What to crawl, and how. */
export interface CrawlOptions {
  /** Normalised address of the first page. */
  readonly startUrl: string
  readonly maxPages: number
  /** Visits at a time. */
  readonly concurrency: number
  /** Visits one page, wherever and by whomever. A rejection is entered as the page's failure. */
  visit(url: string): Promise<PageResult>
  /** Called after each visit, with the number of visits so far. */
  onVisited?(visits: number): void
}

/** Crawls a site into a ledger. Resolves when no account is open; never rejects because of a page. */
export async function crawl(ledger: Ledger, options: CrawlOptions): Promise<void> {
  const frontier = new Frontier(ledger, options)
  const waiting = [...frontier.begin()]
  const running = new Set<Promise<void>>()
  let visits = 0

  const visitOne = async (url: string): Promise<void> => {
    waiting.push(...frontier.accept(await resultOf(url, options)))
    visits += 1
    options.onVisited?.(visits)
  }
  for (;;) {
    while (running.size < options.concurrency) {
      const url = waiting.shift()
      if (url === undefined) break
      const visit = visitOne(url).finally(() => running.delete(visit))
      running.add(visit)
    }
    if (running.size === 0) return
    await Promise.race(running)
  }
}

async function resultOf(url: string, options: CrawlOptions): Promise<PageResult> {
  try {
    return await options.visit(url)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { url, outcome: { kind: 'failed', reason }, sameOrigin: [], external: [] }
  }
}
