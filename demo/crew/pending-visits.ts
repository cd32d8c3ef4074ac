/**
 * Visits that were asked for and have no result yet.
 */
import type { PageResult } from '../crawl/frontier.ts'

interface PendingVisit {
  resolve(result: PageResult): void
  reject(error: Error): void
}

/** Gives each result to the one who waits for it. Each page may be waited for by one at a time. */
export class PendingVisits {
  readonly #byUrl = new Map<string, PendingVisit>()
  readonly #repeated: PageResult[] = []

  /** Results that nobody waited for any more: of pages that had one. */
  get repeated(): readonly PageResult[] {
    return this.#repeated
  }

  /**
   * Waits for the result of a page.
   *
   * @throws {Error} when there is none in time, or after `rejectAll()`.
   */
  async wait(url: string, timeoutMs: number): Promise<PageResult> {
    const { promise, resolve, reject } = Promise.withResolvers<PageResult>()
    const late = () => reject(new Error(`no worker answered within ${timeoutMs} ms`))
    const timer = setTimeout(late, timeoutMs)
    this.#byUrl.set(url, { resolve, reject })
    try {
      return await promise
    } finally {
      clearTimeout(timer)
      this.#byUrl.delete(url)
    }
  }

  /** Enters a result. */
  settle(result: PageResult): void {
    const visit = this.#byUrl.get(result.url)
    if (visit === undefined) this.#repeated.push(result)
    else visit.resolve(result)
  }

  /** Gives up everything that is waited for. */
  rejectAll(reason: string): void {
    for (const { reject } of this.#byUrl.values()) reject(new Error(reason))
  }
}
