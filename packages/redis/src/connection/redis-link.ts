import { setTimeout as sleep } from 'node:timers/promises'
import { ConnectionError, MessagingError } from '@dashi/messaging/transport'
import { operationError } from '../errors.ts'
import type { RedisServerOptions } from '../options.ts'
import { serverOf } from '../server-of.ts'
import type { ServerSettings } from '../settings.ts'
import { backoffMs } from './backoff.ts'
import type { RedisClient } from './client.ts'
import { LostError } from './client-errors.ts'
import { connectMaster } from './connect-master.ts'
import { KeyWatch } from './key-watch.ts'

/** A connection with what is needed to wait on it. */
export interface LinkedClient {
  readonly client: RedisClient
  readonly watch: KeyWatch
}

/** What is done on a link. */
export interface LinkUse {
  /** For messages, e.g. `push to "a"`. */
  readonly doing: string
  /** Default: a deadline of 10 s. */
  readonly signal?: AbortSignal | undefined
  /** It may be done again although it may have been done. Default `false`. */
  readonly isHarmlessTwice?: boolean | undefined
}

/**
 * One connection that several queues share: made when first used, made anew when it was lost.
 *
 * @example
 * await using link = new RedisLink('redis://localhost:6379/0')
 * const requests = new FifoQueue<string>(link, 'spider:requests')
 */
export class RedisLink implements AsyncDisposable {
  readonly #settings: ServerSettings
  readonly #closing = new AbortController()
  #opening: Promise<LinkedClient> | undefined

  /**
   * @param server A URL (`redis://`, `rediss://`, `redis+socket://`, `sentinel://`) or options.
   * @throws {ConfigurationError} `BAD_OPTION`.
   */
  constructor(server: string | RedisServerOptions = {}) {
    this.#settings = serverOf(server, 'RedisLink')
  }

  /**
   * Does something on the connection, within a deadline that covers connecting.
   *
   * What certainly did not reach the server is tried again until then, what may have only if it is harmless
   * to do twice.
   *
   * @throws {ConnectionError} `CONNECTION_REFUSED`, `CONNECTION_LOST`, `CONNECTION_CLOSED`, …; `signal.reason` if aborted.
   * @internal
   */
  async use<Value>(
    operation: (linked: LinkedClient) => Promise<Value>,
    options: LinkUse,
  ): Promise<Value> {
    const { doing, signal = AbortSignal.timeout(10_000) } = options
    const either = AbortSignal.any([signal, this.#closing.signal])
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await operation(await this.#connected(either))
      } catch (error) {
        if (this.#closing.signal.aborted) throw closed(doing)
        if (signal.aborted || !isWorthRepeating(error, options)) throw operationError(error, doing)
        await pause(attempt, either, error)
      }
    }
  }

  /** Ends the connection. What is under way rejects. */
  async close(): Promise<void> {
    this.#closing.abort()
    const opening = this.#opening
    this.#opening = undefined
    const linked = await opening?.catch(() => undefined)
    linked?.client.destroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** One attempt for all who wait for it; each waits no longer than it wants. */
  async #connected(signal: AbortSignal): Promise<LinkedClient> {
    signal.throwIfAborted()
    this.#opening ??= this.#open()
    const aborted = Promise.withResolvers<never>()
    const onAbort = () => aborted.reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      return await Promise.race([this.#opening, aborted.promise])
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  async #open(): Promise<LinkedClient> {
    try {
      const request = {
        signal: this.#closing.signal,
        tracking: true,
        prefix: undefined,
        report: ignore,
      }
      const { client, isTracking } = await connectMaster(this.#settings, request)
      const watch = new KeyWatch(client, { isTracking, pollingIntervalMs: 1_000 })
      void client.closed.then(() => {
        this.#opening = undefined
        watch.stop()
      })
      await watch.start()
      return { client, watch }
    } catch (error) {
      this.#opening = undefined
      throw error
    }
  }
}

function isWorthRepeating(error: unknown, { isHarmlessTwice = false }: LinkUse): boolean {
  if (error instanceof LostError) return isHarmlessTwice || !error.wasSent
  return error instanceof ConnectionError && error.code !== 'ACCESS_REFUSED'
}

/** The pause before the next attempt. At the deadline it throws what went wrong all the time. */
async function pause(attempt: number, signal: AbortSignal, cause: unknown): Promise<void> {
  const options = { signal, ref: false }
  await sleep(backoffMs(attempt, Math.random()), undefined, options).catch(() => undefined)
  if (signal.aborted) throw MessagingError.is(cause) ? cause : signal.reason
}

function closed(doing: string): ConnectionError {
  return new ConnectionError('CONNECTION_CLOSED', `Cannot ${doing}: the connection was closed`)
}

function ignore(): void {
  // Settings that put messages at risk are the transport's affair: what is popped here is gone anyway.
}
