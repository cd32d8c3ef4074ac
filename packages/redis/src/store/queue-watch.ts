import { operationError } from '../errors.ts'
import type { Wire } from './wire.ts'

/** First pause between two looks where the server tells nothing; doubles up to `pollingIntervalMs`. */
const firstPauseMs = 10

interface Waiter {
  readonly lists: ReadonlySet<string>
  readonly wake: () => void
}

/**
 * Waits for messages without taking any.
 *
 * A look and the promise to be told are one step: `EXISTS` under `CLIENT CACHING YES` answers whether
 * there is anything, and from then on the server announces the first change to any of those lists, on
 * this very connection and so after the answer. Nothing can slip in between. Every `pollingIntervalMs`
 * it looks again, in case an announcement got lost.
 */
export class QueueWatch {
  readonly #wire: Wire
  readonly #isTracking: boolean
  readonly #waiters = new Set<Waiter>()

  constructor(wire: Wire, isTracking: boolean) {
    this.#wire = wire
    this.#isTracking = isTracking
    if (isTracking) wire.client.onInvalidated((key) => this.#onChanged(key))
  }

  /** Reads are remembered only where asked for: scripts and counts would flood the connection. */
  async start(): Promise<void> {
    if (!this.#isTracking) return
    const { client } = this.#wire
    await Promise.all([
      client.send(['CLIENT', 'TRACKING', 'OFF']),
      client.send(['CLIENT', 'TRACKING', 'ON', 'OPTIN']),
    ])
  }

  /** Resolves when one of the queues may have a message, or the signal aborts. */
  async wait(queues: readonly string[], signal: AbortSignal): Promise<void> {
    const lists = this.#wire.keys.interleaved(queues)
    const { pollingIntervalMs } = this.#wire.settings
    let pauseMs = this.#isTracking ? pollingIntervalMs : Math.min(firstPauseMs, pollingIntervalMs)
    while (!signal.aborted) {
      if (await this.#lookAndPause(lists, pauseMs, signal)) return
      pauseMs = Math.min(pauseMs * 2, pollingIntervalMs)
    }
  }

  /** Wakes everybody, since the session has ended. */
  stop(): void {
    this.#onChanged(undefined)
  }

  /** True when there is, or may be, something. */
  async #lookAndPause(
    lists: readonly string[],
    pauseMs: number,
    signal: AbortSignal,
  ): Promise<boolean> {
    let isChanged = false
    const paused = Promise.withResolvers<void>()
    const onAbort = () => paused.resolve()
    const waiter: Waiter = {
      lists: new Set(lists),
      wake: () => {
        isChanged = true
        paused.resolve()
      },
    }
    const timer = setTimeout(onAbort, pauseMs).unref()
    signal.addEventListener('abort', onAbort, { once: true })
    this.#waiters.add(waiter)
    try {
      if (await this.#haveMessages(lists)) return true
      await paused.promise
      return isChanged
    } finally {
      this.#waiters.delete(waiter)
      signal.removeEventListener('abort', onAbort)
      clearTimeout(timer)
    }
  }

  async #haveMessages(lists: readonly string[]): Promise<boolean> {
    const { client } = this.#wire
    try {
      const caching = this.#isTracking ? client.send(['CLIENT', 'CACHING', 'YES']) : undefined
      const [count] = await Promise.all([client.send<number>(['EXISTS', ...lists]), caching])
      return count > 0
    } catch (error) {
      throw operationError(error, 'look for messages')
    }
  }

  #onChanged(key: string | undefined): void {
    for (const waiter of this.#waiters) {
      if (key === undefined || waiter.lists.has(key)) waiter.wake()
    }
  }
}
