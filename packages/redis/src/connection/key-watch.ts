import type { RedisClient } from './client.ts'

/** First pause between two looks where the server tells nothing; doubles up to `pollingIntervalMs`. */
const firstPauseMs = 10

/** How a watch watches. */
export interface KeyWatchOptions {
  /** The connection was opened for being told about changed keys. */
  readonly isTracking: boolean
  /** Longest pause between two looks. */
  readonly pollingIntervalMs: number
}

interface Waiter {
  readonly keys: ReadonlySet<string>
  readonly wake: () => void
}

/**
 * Waits until a key exists, without changing anything.
 *
 * A look and the promise to be told are one step: `EXISTS` under `CLIENT CACHING YES` answers whether
 * there is anything, and from then on the server announces the first change to any of those keys, on
 * this very connection and so after the answer. Nothing can slip in between. Every `pollingIntervalMs`
 * it looks again, in case an announcement got lost.
 */
export class KeyWatch {
  readonly #client: RedisClient
  readonly #options: KeyWatchOptions
  readonly #waiters = new Set<Waiter>()

  constructor(client: RedisClient, options: KeyWatchOptions) {
    this.#client = client
    this.#options = options
    if (options.isTracking) client.onInvalidated((key) => this.#onChanged(key))
  }

  async start(): Promise<void> {
    if (this.#options.isTracking) await trackOnRequest(this.#client)
  }

  /** Resolves when one of the keys may exist, or the signal aborts. */
  async wait(keys: readonly string[], signal: AbortSignal): Promise<void> {
    const { isTracking, pollingIntervalMs } = this.#options
    let pauseMs = isTracking ? pollingIntervalMs : Math.min(firstPauseMs, pollingIntervalMs)
    while (!signal.aborted) {
      if (await this.#lookAndPause(keys, pauseMs, signal)) return
      pauseMs = Math.min(pauseMs * 2, pollingIntervalMs)
    }
  }

  /** Wakes everybody, since the connection has ended. */
  stop(): void {
    this.#onChanged(undefined)
  }

  /** True when there is, or may be, something. */
  async #lookAndPause(
    keys: readonly string[],
    pauseMs: number,
    signal: AbortSignal,
  ): Promise<boolean> {
    let isChanged = false
    const paused = Promise.withResolvers<void>()
    const onAbort = () => paused.resolve()
    const wake = () => {
      isChanged = true
      paused.resolve()
    }
    const waiter: Waiter = { keys: new Set(keys), wake }
    const timer = setTimeout(onAbort, pauseMs).unref()
    signal.addEventListener('abort', onAbort, { once: true })
    this.#waiters.add(waiter)
    const looked = this.#exist(keys).then((found) => (found ? wake() : paused.promise))
    try {
      // An abort does not wait for a server that hangs.
      await Promise.race([looked, paused.promise])
      return isChanged
    } finally {
      looked.catch(() => undefined)
      this.#waiters.delete(waiter)
      signal.removeEventListener('abort', onAbort)
      clearTimeout(timer)
    }
  }

  async #exist(keys: readonly string[]): Promise<boolean> {
    const { isTracking } = this.#options
    const caching = isTracking ? this.#client.send(['CLIENT', 'CACHING', 'YES']) : undefined
    const [count] = await Promise.all([this.#client.send<number>(['EXISTS', ...keys]), caching])
    return count > 0
  }

  #onChanged(key: string | undefined): void {
    for (const waiter of this.#waiters) {
      if (key === undefined || waiter.keys.has(key)) waiter.wake()
    }
  }
}

/** Reads are remembered only where asked for: scripts and counts would flood the connection. */
export async function trackOnRequest(client: RedisClient): Promise<void> {
  await Promise.all([
    client.send(['CLIENT', 'TRACKING', 'OFF']),
    client.send(['CLIENT', 'TRACKING', 'ON', 'OPTIN']),
  ])
}
