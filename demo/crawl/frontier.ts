/**
 * What to visit next. Pure bookkeeping; who visits, and how the pages travel, is the caller's.
 */
import type { Ledger } from './ledger.ts'
import type { Outcome } from './outcome.ts'

/** What a visit to a page found. Plain data: it travels in messages. */
export interface PageResult {
  /** The address that was to be visited, as the frontier gave it. */
  readonly url: string
  readonly outcome: Outcome
  /** Pages of the same site that it leads to, normalised. Empty unless it was fetched. */
  readonly sameOrigin: readonly string[]
  /** Pages of other sites that it leads to, normalised. */
  readonly external: readonly string[]
}

/** Where the crawl begins and where it stops. */
export interface FrontierOptions {
  /** Normalised address of the first page. */
  readonly startUrl: string
  /** Pages to visit at most; those beyond are entered in the ledger as not visited. */
  readonly maxPages: number
}

/**
 * Turns results into the pages to visit next, each once, and keeps the ledger.
 *
 * @example
 * const frontier = new Frontier(ledger, { startUrl, maxPages: 500 })
 * const waiting = [...frontier.begin()]
 * for (let url = waiting.shift(); url; url = waiting.shift()) waiting.push(...frontier.accept(await visit(url)))
 */
export class Frontier {
  readonly #ledger: Ledger
  readonly #options: FrontierOptions
  #visits = 0

  constructor(ledger: Ledger, options: FrontierOptions) {
    this.#ledger = ledger
    this.#options = options
  }

  /** Whether everything discovered has ended. */
  get isDone(): boolean {
    return this.#ledger.open === 0
  }

  /** @returns the first page. Call once. */
  begin(): readonly string[] {
    return this.#discover([this.#options.startUrl])
  }

  /**
   * Enters a result; the same one may come several times.
   *
   * @returns the pages to visit because of it, in the order of their links.
   * @throws {Error} for a page that this frontier never gave.
   */
  accept(result: PageResult): readonly string[] {
    this.#ledger.record(result.url, result.outcome)
    for (const url of result.external) {
      if (this.#ledger.discover(url)) this.#ledger.record(url, { kind: 'external' })
    }
    return this.#discover(result.sameOrigin)
  }

  #discover(urls: readonly string[]): readonly string[] {
    const { maxPages } = this.#options
    const wanted: string[] = []
    for (const url of urls) {
      if (!this.#ledger.discover(url)) continue
      if (this.#visits === maxPages) {
        const reason = `the limit of ${maxPages} pages`
        this.#ledger.record(url, { kind: 'not-visited', reason })
        continue
      }
      this.#visits += 1
      wanted.push(url)
    }
    return wanted
  }
}
