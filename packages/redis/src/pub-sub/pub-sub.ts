import { ConnectionError, checkOptions, type OptionSpecs } from '@dashi/messaging/transport'
import { operationError, publishError } from '../errors.ts'
import type { RedisServerOptions } from '../options.ts'
import { serverOf } from '../server-of.ts'
import { closedError, PubSubConnection } from './pub-sub-connection.ts'
import { type PubSubEvents, PubSubListeners } from './pub-sub-events.ts'
import {
  type PubSubHandler,
  type SubscriptionKind,
  SubscriptionTable,
} from './subscription-table.ts'
import { unsupported } from './unsupported.ts'

/** How a `PubSub` behaves. */
export interface PubSubOptions {
  /** Pause between two heartbeats while anything is subscribed. Default 1 000; 0: none. */
  readonly heartbeatMs?: number | undefined
  /** Longest time for `subscribe()`, `publish()` and the like, connecting included. Default 10 000. */
  readonly timeoutMs?: number | undefined
}

const specs: OptionSpecs = {
  heartbeatMs: { type: 'number', min: 0 },
  timeoutMs: { type: 'number', integer: true, min: 1 },
}

/**
 * Publish and subscribe over Redis channels: handlers per channel and pattern, added and removed while it
 * runs, a heartbeat, and a connection that comes back with everything subscribed.
 *
 * Connects at the first use. Pub/sub keeps nothing for who is away: the `gap` event says when that was.
 *
 * @example
 * await using pubSub = new PubSub('redis://localhost:6379/0')
 * await pubSub.subscribe('news', (message) => console.log(message.channel, message.text()))
 * await pubSub.publish('news', 'hello')
 */
export class PubSub implements AsyncDisposable {
  readonly #timeoutMs: number
  readonly #table = new SubscriptionTable()
  readonly #listeners = new PubSubListeners()
  readonly #connection: PubSubConnection

  /**
   * @param server A URL (`redis://`, `rediss://`, `redis+socket://`, `sentinel://`) or options.
   * @throws {ConfigurationError} `BAD_OPTION`.
   */
  constructor(server: string | RedisServerOptions = {}, options: PubSubOptions = {}) {
    checkOptions('PubSub', options, specs)
    const { heartbeatMs = 1_000, timeoutMs = 10_000 } = options
    this.#timeoutMs = timeoutMs
    this.#connection = new PubSubConnection({
      settings: serverOf(server, 'PubSub'),
      heartbeatMs,
      table: this.#table,
      listeners: this.#listeners,
    })
  }

  /** Channels that have a handler. */
  get channels(): readonly string[] {
    return this.#table.names('channel')
  }

  /** Patterns that have a handler. */
  get patterns(): readonly string[] {
    return this.#table.names('pattern')
  }

  /** Sharded channels that have a handler. */
  get shardedChannels(): readonly string[] {
    return this.#table.names('sharded channel')
  }

  /** @returns how to stop listening. */
  on<Name extends keyof PubSubEvents>(
    name: Name,
    listener: (event: PubSubEvents[Name]) => void,
  ): () => void {
    return this.#listeners.on(name, listener)
  }

  /**
   * Calls the handler with what is published to the channels. Resolves when the server has confirmed.
   *
   * @throws {ConnectionError} `TIMED_OUT`: not confirmed in time. It stays wanted, and follows once connected.
   * @throws {ChannelError} `ACCESS_REFUSED`: the ACL does not allow the channel.
   */
  subscribe(channels: string | readonly string[], handler: PubSubHandler): Promise<void> {
    return this.#subscribe('channel', channels, handler)
  }

  /** The same for glob patterns, such as `news.*`. */
  psubscribe(patterns: string | readonly string[], handler: PubSubHandler): Promise<void> {
    return this.#subscribe('pattern', patterns, handler)
  }

  /**
   * The same for sharded channels, whose messages stay on the node of a cluster that has them. Needs Redis 7.
   *
   * @throws {ChannelError} `UNSUPPORTED`: an older server.
   */
  ssubscribe(channels: string | readonly string[], handler: PubSubHandler): Promise<void> {
    return this.#subscribe('sharded channel', channels, handler)
  }

  /** Removes one handler of the channels, or all of theirs. Without channels: of every channel. */
  unsubscribe(channels?: string | readonly string[], handler?: PubSubHandler): Promise<void> {
    return this.#unsubscribe('channel', channels, handler)
  }

  /** The same for patterns. */
  punsubscribe(patterns?: string | readonly string[], handler?: PubSubHandler): Promise<void> {
    return this.#unsubscribe('pattern', patterns, handler)
  }

  /** The same for sharded channels. */
  sunsubscribe(channels?: string | readonly string[], handler?: PubSubHandler): Promise<void> {
    return this.#unsubscribe('sharded channel', channels, handler)
  }

  /**
   * Publishes. Without a connection it waits for one, up to `timeoutMs`.
   *
   * @returns how many received it, as far as this server knows.
   * @throws {OutcomeUnknownError} the connection was lost before the answer.
   */
  publish(channel: string, data: string | Uint8Array): Promise<number> {
    return this.#publish('channel', channel, data)
  }

  /**
   * Publishes to a sharded channel. Needs Redis 7.
   *
   * @returns how many received it.
   * @throws {OutcomeUnknownError} the connection was lost before the answer; {ChannelError} `UNSUPPORTED`: an older server.
   */
  spublish(channel: string, data: string | Uint8Array): Promise<number> {
    return this.#publish('sharded channel', channel, data)
  }

  /**
   * Asks the server for a sign of life now. @returns milliseconds until it came.
   *
   * @throws {ConnectionError} there is no connection, or it does not answer.
   */
  async checkHealth(): Promise<number> {
    const doing = 'check the health of PubSub'
    const client = await this.#inTime(this.#connection.client(), doing)
    const startedAt = performance.now()
    try {
      await this.#inTime(client.send(['PING']), doing)
    } catch (error) {
      throw operationError(error, doing)
    }
    this.#connection.alive()
    return performance.now() - startedAt
  }

  /** Ends the connection and forgets all handlers. */
  async close(): Promise<void> {
    await this.#connection.close()
    for (const { kind, name } of this.#table.all) this.#table.remove(kind, name)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #publish(
    kind: 'channel' | 'sharded channel',
    channel: string,
    data: string | Uint8Array,
  ): Promise<number> {
    const doing = `publish to ${kind} "${channel}"`
    const client = await this.#inTime(this.#connection.client(), doing)
    const bytes = typeof data === 'string' ? data : Buffer.from(data)
    try {
      return await client.send<number>([publishCommands[kind], channel, bytes])
    } catch (error) {
      throw unsupported(kind, error, doing) ?? publishError(error, doing)
    }
  }

  async #subscribe(
    kind: SubscriptionKind,
    names: string | readonly string[],
    handler: PubSubHandler,
  ): Promise<void> {
    if (this.#connection.isClosed) throw closedError()
    const confirmations = [names].flat().map((name) => {
      const { subscription, isNew } = this.#table.add(kind, name, handler)
      if (isNew) this.#connection.establish(subscription)
      return subscription.confirmed.promise
    })
    await this.#inTime(Promise.all(confirmations), `subscribe to ${kind} ${quoted(names)}`)
  }

  async #unsubscribe(
    kind: SubscriptionKind,
    names: string | readonly string[] = this.#table.names(kind),
    handler?: PubSubHandler,
  ): Promise<void> {
    const gone = [names].flat().filter((name) => this.#table.remove(kind, name, handler))
    const withdrawn = this.#connection.withdraw(kind, gone)
    await this.#inTime(withdrawn, `unsubscribe from ${kind} ${quoted(names)}`)
  }

  async #inTime<Value>(promise: Promise<Value>, doing: string): Promise<Value> {
    const late = Promise.withResolvers<never>()
    const timer = setTimeout(() => late.reject(tooLate(doing, this.#timeoutMs)), this.#timeoutMs)
    try {
      return await Promise.race([promise, late.promise])
    } finally {
      clearTimeout(timer)
    }
  }
}

const publishCommands = { channel: 'PUBLISH', 'sharded channel': 'SPUBLISH' } as const

function quoted(names: string | readonly string[]): string {
  return [names]
    .flat()
    .map((name) => `"${name}"`)
    .join(', ')
}

function tooLate(doing: string, timeoutMs: number): ConnectionError {
  return new ConnectionError(
    'TIMED_OUT',
    `Cannot ${doing}: Redis did not answer within ${timeoutMs} ms. It goes on trying to connect; listen to "disconnected" for the reason`,
  )
}
