/**
 * The crawl's accounts: every address that was discovered ends as exactly one thing. Pure bookkeeping,
 * so that the table at the end proves something.
 */
import type { Outcome, OutcomeKind } from './outcome.ts'

/** The classes of the final account; each address is in one. */
export type AccountClass = Exclude<OutcomeKind, 'fetched'> | 'fetched-once' | 'fetched-repeatedly'

/** An address that needs a word in the report. */
export interface AccountedUrl {
  readonly url: string
  readonly outcome: Outcome
  /** How often it was fetched; 0 when it was not, or not to the end. */
  readonly times: number
}

/** The sum of the accounts. */
export interface LedgerSummary {
  /** Addresses that were discovered. */
  readonly discovered: number
  /** Those that have ended. Equal to the sum of `counts`, and to `discovered` when nothing is lost. */
  readonly accounted: number
  readonly counts: Readonly<Record<AccountClass, number>>
  /** Bytes of the pages fetched. */
  readonly bytes: number
  /** Pages per worker that fetched any, by its name. */
  readonly pagesByWorker: Readonly<Record<string, number>>
  readonly repeated: readonly AccountedUrl[]
  readonly failed: readonly AccountedUrl[]
  /** Discovered and never ended: what was lost. */
  readonly open: readonly string[]
}

interface Account {
  outcome: Outcome | undefined
  results: number
  requests: number
}

/** Holds the accounts. Not safe to share between processes: one coordinator keeps it. */
export class Ledger {
  readonly #accounts = new Map<string, Account>()
  #open = 0

  /** Addresses discovered so far. */
  get discovered(): number {
    return this.#accounts.size
  }

  /** Addresses that have not ended yet. The crawl is over when it is 0. */
  get open(): number {
    return this.#open
  }

  /** Whether the address was discovered. */
  has(url: string): boolean {
    return this.#accounts.has(url)
  }

  /** Opens an account. @returns whether the address is new; only then is it to be visited. */
  discover(url: string): boolean {
    if (this.#accounts.has(url)) return false
    this.#accounts.set(url, { outcome: undefined, results: 0, requests: 0 })
    this.#open += 1
    return true
  }

  /**
   * Enters a result. The first one counts, except that a failure gives way to anything better;
   * a result that comes again is counted as a repetition.
   *
   * @throws {Error} for an address that was never discovered: the accounts would not add up.
   */
  record(url: string, outcome: Outcome): void {
    const account = this.#account(url)
    account.results += 1
    if (account.outcome === undefined) this.#open -= 1
    if (account.outcome === undefined || account.outcome.kind === 'failed') {
      account.outcome = outcome
    }
  }

  /**
   * Enters how often the site itself says that it was asked for an address: a worker that was killed
   * after fetching leaves no result, but the site saw it.
   *
   * @throws {Error} for an address that was never discovered.
   */
  recordRequests(url: string, requests: number): void {
    this.#account(url).requests = requests
  }

  summary(): LedgerSummary {
    const entries = [...this.#accounts].map(([url, account]) => accountOf(url, account))
    const ended = entries.filter((entry) => entry !== undefined)
    const counts = emptyCounts()
    const pagesByWorker: Record<string, number> = {}
    let bytes = 0
    for (const entry of ended) {
      counts[classOf(entry)] += 1
      if (entry.outcome.kind !== 'fetched') continue
      const { worker } = entry.outcome
      bytes += entry.outcome.bytes
      pagesByWorker[worker] = (pagesByWorker[worker] ?? 0) + 1
    }
    return {
      discovered: this.#accounts.size,
      accounted: ended.length,
      counts,
      bytes,
      pagesByWorker,
      repeated: ended.filter((entry) => classOf(entry) === 'fetched-repeatedly'),
      failed: ended.filter((entry) => entry.outcome.kind === 'failed'),
      open: [...this.#accounts].filter(([, { outcome }]) => !outcome).map(([url]) => url),
    }
  }

  #account(url: string): Account {
    const account = this.#accounts.get(url)
    if (account !== undefined) return account
    throw new Error(`Cannot account for ${url}: it was never discovered. Call discover() first.`)
  }
}

function accountOf(url: string, account: Account): AccountedUrl | undefined {
  const { outcome, results, requests } = account
  if (outcome === undefined) return undefined
  return { url, outcome, times: outcome.kind === 'fetched' ? Math.max(results, requests) : 0 }
}

function classOf({ outcome, times }: AccountedUrl): AccountClass {
  if (outcome.kind !== 'fetched') return outcome.kind
  return times > 1 ? 'fetched-repeatedly' : 'fetched-once'
}

function emptyCounts(): Record<AccountClass, number> {
  return {
    'fetched-once': 0,
    'fetched-repeatedly': 0,
    'not-found': 0,
    external: 0,
    'too-large': 0,
    'not-html': 0,
    'not-visited': 0,
    failed: 0,
  }
}
