/**
 * One visit: a page is fetched, and what it leads to is read from it.
 */
import { type FetchOptions, fetchPage } from './fetch-page.ts'
import type { PageResult } from './frontier.ts'
import { extractLinks } from './links.ts'

/**
 * Visits a page within limits.
 *
 * @throws `signal.reason` if aborted first; nothing else.
 */
export async function visitPage(url: string, options: FetchOptions): Promise<PageResult> {
  const page = await fetchPage(url, options)
  if (page.outcome.kind !== 'fetched') {
    return { url, outcome: page.outcome, sameOrigin: [], external: [] }
  }
  const { sameOrigin, external } = extractLinks(page.html, page.url)
  return { url, outcome: page.outcome, sameOrigin, external }
}
