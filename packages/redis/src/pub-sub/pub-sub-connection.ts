import { setTimeout as sleep } from 'node:timers/promises'
import { ConnectionError } from '@dashi/messaging/transport'
import { backoffMs } from '../connection/backoff.ts'
import type { MessageListener, RedisClient } from '../connection/client.ts'
import { ReplyError } from '../connection/client-errors.ts'
import { connect } from '../connection/connect.ts'
import { RedirectingClient } from '../connection/redirecting-client.ts'
import type { NodeAddress } from '../connection/redirection.ts'
import { shardCheckMs } from '../connection/shard-table.ts'
import { operationError } from '../errors.ts'
import type { ServerSettings } from '../settings.ts'
import type { PubSubGap, PubSubListeners } from './pub-sub-events.ts'
import { PubSubMessage } from './pub-sub-message.ts'
import type {
  PubSubHandler,
  Subscription,
  SubscriptionKind,
  SubscriptionTable,
} from './subscription-table.ts'
import { unsupported } from './unsupported.ts'

const commands = {
  channel: { begin: 'subscribe', end: 'unsubscribe' },
  pattern: { begin: 'psubscribe', end: 'punsubscribe' },
  'sharded channel': { begin: 'ssubscribe', end: 'sunsubscribe' },
} as const

/** What the connection of a `PubSub` works with. */
export interface PubSubConnectionParts {
  readonly settings: ServerSettings
  /** 0: no heartbeat. */
  readonly heartbeatMs: number
  readonly table: SubscriptionTable
  readonly listeners: PubSubListeners
}

/** A connection that comes back, and brings everything in the table with it. */
export class PubSubConnection {
  readonly #parts: PubSubConnectionParts
  readonly #closing = new AbortController()
  #connected = Promise.withResolvers<RedisClient>()
  /** Set while there is a connection, a little before it counts as connected. */
  #client: RedisClient | undefined
  #running: Promise<void> | undefined
  #heartbeat: NodeJS.Timeout | undefined
  /** Last sign of life. */
  #aliveAt = new Date()
  #wasConnected = false
  #isConnected = false

  constructor(parts: PubSubConnectionParts) {
    this.#parts = parts
  }

  get isClosed(): boolean {
    return this.#closing.signal.aborted
  }

  /** The connection, as soon as there is one. Connects, the first time. */
  client(): Promise<RedisClient> {
    if (this.isClosed) return Promise.reject(closedError())
    this.start()
    return this.#connected.promise
  }

  start(): void {
    this.#running ??= this.#run()
  }

  /** Tells the server of a new subscription, now or as soon as there is a connection. */
  establish(subscription: Subscription): void {
    this.start()
    if (this.#client !== undefined) void this.#establish(this.#client, subscription)
    if (this.#heartbeat === undefined) this.#beat()
  }

  /** Tells the server that subscriptions are over. */
  async withdraw(kind: SubscriptionKind, names: readonly string[]): Promise<void> {
    const client = this.#client
    if (client === undefined) return
    const told = names.map((name) => {
      return client[commands[kind].end](name)
    })
    // A connection that is lost has no subscriptions either.
    await Promise.allSettled(told)
  }

  alive(): void {
    this.#aliveAt = new Date()
  }

  async close(): Promise<void> {
    if (this.isClosed) return
    this.#closing.abort()
    clearTimeout(this.#heartbeat)
    this.#connected.promise.catch(() => undefined)
    this.#connected.reject(closedError())
    this.#client?.destroy()
    await this.#running
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing
    let attempt = 1
    while (!signal.aborted) {
      const reason = await this.#live(() => {
        attempt = 0
      })
      attempt += 1
      if (signal.aborted) return
      this.#parts.listeners.emit('disconnected', reason)
      await sleep(backoffMs(attempt, Math.random()), undefined, { signal }).catch(() => undefined)
    }
  }

  /** One connection, from its beginning to its end. @returns why it ended. */
  async #live(onConnected: () => void): Promise<Error> {
    let client: RedisClient | undefined
    try {
      client = await this.#connect()
      await this.#establishAll(client)
      onConnected()
      this.#begin(client)
      return (await client.closed) ?? closedError()
    } catch (error) {
      client?.destroy()
      return error instanceof Error ? error : new Error(String(error))
    } finally {
      this.#client = undefined
      if (this.#isConnected && !this.isClosed) this.#connected = Promise.withResolvers()
      this.#isConnected = false
    }
  }

  /** Follows sharded channels to where they are. */
  async #connect(): Promise<RedisClient> {
    const { settings } = this.#parts
    const report = (notice: Error) => this.#failed(notice)
    const client = await connect(settings, { signal: this.#closing.signal, report })
    const dial = (node: NodeAddress, signal: AbortSignal) =>
      connect(settings, { signal, node, report })
    const { host, port } = settings
    const following = new RedirectingClient({ client, address: { host, port }, dial })
    following.onShardMoved((channel) => this.#missed({ shardedChannels: [channel] }))
    return following
  }

  async #establishAll(client: RedisClient): Promise<void> {
    // From here on, new ones are told at once.
    this.#client = client
    const { table } = this.#parts
    await Promise.all(table.all.map((subscription) => this.#establish(client, subscription)))
  }

  async #establish(client: RedisClient, subscription: Subscription): Promise<void> {
    const { kind, name, confirmed } = subscription
    const { table } = this.#parts
    const listener = this.#deliverTo(subscription)
    try {
      await client[commands[kind].begin](name, listener)
      confirmed.resolve()
    } catch (error) {
      // Lost: the next connection does it again. Refused: nobody will.
      if (!(error instanceof ReplyError)) return
      const doing = `subscribe to ${kind} "${name}"`
      confirmed.reject(unsupported(kind, error, doing) ?? operationError(error, doing))
      if (table.has(subscription)) table.remove(kind, name)
    }
  }

  #begin(client: RedisClient): void {
    const { table, listeners } = this.#parts
    const wasConnected = this.#wasConnected
    this.#wasConnected = true
    this.#isConnected = true
    this.#connected.resolve(client)
    listeners.emit('connected', undefined)
    if (wasConnected && !table.isEmpty) {
      const channels = table.names('channel')
      const patterns = table.names('pattern')
      this.#missed({ channels, patterns, shardedChannels: table.names('sharded channel') })
    }
    this.alive()
    this.#beat()
  }

  /**
   * Something may have been published since the last sign of life, and nobody was there. Of a sharded channel
   * the connection may have been alive and deaf, until the next check but one.
   */
  #missed(what: Partial<PubSubGap>): void {
    const deafMs = what.shardedChannels?.length ? 2 * shardCheckMs : 0
    const from = new Date(this.#aliveAt.getTime() - deafMs)
    const until = new Date()
    const durationMs = until.getTime() - from.getTime()
    const nothing = { channels: [], patterns: [], shardedChannels: [] }
    this.#parts.listeners.emit('gap', { from, until, durationMs, ...nothing, ...what })
  }

  #deliverTo(subscription: Subscription): MessageListener {
    return (data, channel) => {
      const message = new PubSubMessage(subscription, channel, data)
      for (const handler of subscription.handlers) this.#call(handler, message)
    }
  }

  #call(handler: PubSubHandler, message: PubSubMessage): void {
    try {
      const result = handler(message)
      if (result instanceof Promise) result.catch((error: unknown) => this.#failed(error))
    } catch (error) {
      this.#failed(error)
    }
  }

  #failed(error: unknown): void {
    this.#parts.listeners.emit('error', error instanceof Error ? error : new Error(String(error)))
  }

  /** While anything is subscribed. The client itself notices a server that does not answer. */
  #beat(): void {
    clearTimeout(this.#heartbeat)
    this.#heartbeat = undefined
    const { heartbeatMs, table } = this.#parts
    if (heartbeatMs === 0 || table.isEmpty || this.isClosed) return
    this.#heartbeat = setTimeout(() => void this.#beatOnce(), heartbeatMs).unref()
  }

  async #beatOnce(): Promise<void> {
    this.#heartbeat = undefined
    const client = this.#client
    // The next connection begins it again.
    if (client === undefined) return
    const startedAt = performance.now()
    try {
      await client.send(['PING'])
      this.alive()
      this.#parts.listeners.emit('pong', performance.now() - startedAt)
      this.#beat()
    } catch (error) {
      if (error instanceof ReplyError) this.#failed(operationError(error, 'send a heartbeat'))
    }
  }
}

/** The error of whatever is tried after `close()`. */
export function closedError(): ConnectionError {
  return new ConnectionError('CONNECTION_CLOSED', 'This PubSub was closed')
}
