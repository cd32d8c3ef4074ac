/** The core of a connection: URLs, supervision, channels, topology. `Connection` adds what users make from it. */

import { withDeadline } from '../deadline.ts'
import { LeaseLostError, MessagingError } from '../errors.ts'
import type { OperationOptions } from '../operation-options.ts'
import { formatBrokerUrl, parseBrokerUrl } from '../transport/broker-url.ts'
import type { Capabilities, ExchangeType } from '../transport/capabilities.ts'
import type { Transport, TransportConnection } from '../transport/transport.ts'
import { Channel } from './channel.ts'
import type { ChannelOwner } from './channel-life.ts'
import {
  type ConnectionOptions,
  type ConnectionSettings,
  connectionSettings,
} from './connection-options.ts'
import { type ConnectionCounters, newCounters } from './counters.ts'
import { DeclaredTopology } from './declared-topology.ts'
import { FailoverCycle } from './failover.ts'
import { transportOf } from './schemes.ts'
import type { ConnectionEvents } from './state.ts'
import { closedError, Supervisor } from './supervisor.ts'

/** Options of `drainEvents`. */
export interface DrainOptions extends OperationOptions {
  /** Longest wait for an event. Default: until there is one. */
  readonly timeoutMs?: number | undefined
}

/** How a connection is set up, password included. Kombu's `info()`. */
export interface ConnectionInfo {
  readonly transport: string
  readonly hostname: string | undefined
  readonly port: number | undefined
  readonly userid: string | undefined
  readonly password: string | undefined
  readonly virtualHost: string | undefined
  readonly uriPrefix: string | undefined
  readonly alternates: readonly string[]
  readonly failoverStrategy: ConnectionSettings['failoverStrategy']
  readonly transportOptions: Readonly<Record<string, unknown>>
  readonly connectTimeoutMs: number
  readonly operationTimeoutMs: number
}

/** See `Connection`. */
export class SupervisedConnection implements AsyncDisposable {
  readonly settings: ConnectionSettings
  readonly counters: ConnectionCounters = newCounters()
  readonly #given: Transport | undefined
  readonly #cycle: FailoverCycle
  readonly #transports = new Map<string, Transport>()
  readonly #topology = new DeclaredTopology()
  readonly #channels = new Set<Channel>()
  readonly #supervisor: Supervisor
  readonly #declaredEntities = new Set<string>()
  #defaultChannel: Channel | undefined
  #undrainedCount = 0
  #drained: PromiseWithResolvers<void> | undefined
  #closing: Promise<void> | undefined

  constructor(hosts: string | readonly string[] | Transport, options: ConnectionOptions) {
    this.#given = isTransport(hosts) ? hosts : undefined
    const urls = isTransport(hosts)
      ? formatBrokerUrl(hosts.address, { includePassword: true })
      : hosts
    this.settings = connectionSettings(urls, options)
    this.#cycle = new FailoverCycle(this.settings.urls, this.settings.failoverStrategy)
    this.#supervisor = new Supervisor({
      cycle: this.#cycle,
      transportOf: (url) => this.#transportOf(url),
      restore: (connection, signal) => this.#restore(connection, signal),
      connectTimeoutMs: this.settings.connectTimeoutMs,
      publishTimeoutMs: this.settings.operationTimeoutMs,
      onConfirmed: (count) => {
        this.counters.published += count
      },
      backoff: this.settings.backoff,
      warn: (error) => this.warn(error),
    })
    this.on('connected', ({ epoch }) => {
      if (epoch > 1) this.counters.reconnects += 1
    })
  }

  // --- life

  /** True while the broker has us. */
  get connected(): boolean {
    return this.#supervisor.state.phase === 'connected'
  }

  get isClosed(): boolean {
    return this.#supervisor.state.phase === 'closed'
  }

  /** Why the latest attempt failed or the latest connection ended. */
  get lastError(): Error | undefined {
    return this.#supervisor.lastError
  }

  /** Listens to the connection's life. @returns how to stop listening. */
  on<Name extends keyof ConnectionEvents>(
    name: Name,
    listener: (event: ConnectionEvents[Name]) => void,
  ): () => void {
    return this.#supervisor.events.on(name, listener)
  }

  /**
   * Connects now: one pass over the URLs.
   *
   * @throws {ConnectionError} no address accepted us; the reason of the last one.
   */
  async connect(options: OperationOptions = {}): Promise<this> {
    const timeoutMs = this.settings.connectTimeoutMs * this.settings.urls.length + 1_000
    await this.#supervisor.connect({ ...options, timeoutMs })
    return this
  }

  /** Resolves when there is a connection, however long it takes, within `timeoutMs` (default: none but the signal's). */
  async ready(options: DrainOptions = {}): Promise<this> {
    await this.#supervisor.ready({
      signal: options.signal,
      timeoutMs: options.timeoutMs ?? 2 ** 31 - 1,
    })
    return this
  }

  /** Cuts the connection without goodbye; it is brought back. Kombu's `collect()`. */
  collect(): void {
    this.#supervisor.collect()
  }

  /**
   * Waits for what was published and settled, gives back what is unsettled, says goodbye, ends. Final and idempotent.
   *
   * @throws {TimeoutError} the broker did not answer within `operationTimeoutMs`; the connection is cut then.
   */
  close(options: OperationOptions = {}): Promise<void> {
    this.#closing ??= this.#closeNow(options)
    return this.#closing
  }

  async #closeNow({ signal }: OperationOptions): Promise<void> {
    const { operationTimeoutMs: timeoutMs } = this.settings
    try {
      const what = 'Closing the connection'
      await withDeadline(this.#closeInOrder(timeoutMs, signal), { timeoutMs, signal, what })
    } catch (error) {
      this.#supervisor.destroy()
      throw error
    } finally {
      this.#drained?.reject(closedError())
    }
  }

  async #closeInOrder(timeoutMs: number, signal: AbortSignal | undefined): Promise<void> {
    const closing = [...this.#channels].map((channel) =>
      channel.close({ signal }).catch((error: unknown) => this.warn(error)),
    )
    await Promise.all(closing)
    await this.#supervisor.close(AbortSignal.timeout(timeoutMs))
  }

  /** Kombu's name for `close()`. */
  release(options?: OperationOptions): Promise<void> {
    return this.close(options)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  // --- channels

  /** A new channel. Opens with its first use. */
  channel(): Channel {
    const channel = new Channel(this.#owner())
    this.#channels.add(channel)
    return channel
  }

  /** The channel that the connection keeps for itself, for declaring and publishing. */
  get defaultChannel(): Channel {
    if (!this.#defaultChannel?.isOpen) this.#defaultChannel = this.channel()
    return this.#defaultChannel
  }

  /** Definitions already declared here: see `maybeDeclare`. */
  get declaredEntities(): Set<string> {
    return this.#declaredEntities
  }

  /** What the current transport can do. Loads the transport; needs no broker. */
  async capabilities(): Promise<Capabilities> {
    return (await this.#transportOf(this.#cycle.current)).capabilities
  }

  /** Whether the transport has an exchange type. */
  async supportsExchangeType(type: string): Promise<boolean> {
    const { exchangeTypes } = await this.capabilities()
    return exchangeTypes.some((supported: ExchangeType) => supported === type)
  }

  /**
   * Waits for a delivery that no earlier call has answered for: one call for each, as with Kombu's virtual transports.
   * Handlers run when messages arrive, not in here: this is for programs written as a loop around it.
   *
   * @throws {TimeoutError} nothing came within `timeoutMs`; {ConnectionError} `CONNECTION_CLOSED`.
   */
  async drainEvents(options: DrainOptions = {}): Promise<void> {
    const { signal, timeoutMs = 2 ** 31 - 1 } = options
    const until = performance.now() + timeoutMs
    while (this.#undrainedCount === 0) {
      await this.#supervisor.connect({ signal, timeoutMs: leftUntil(until) })
      if (this.#undrainedCount > 0) break
      this.#drained ??= Promise.withResolvers()
      const what = 'Waiting for an event'
      await withDeadline(this.#drained.promise, { timeoutMs: leftUntil(until), signal, what })
    }
    this.#undrainedCount -= 1
  }

  /** Kombu asks for this about once a second; our transports keep their heartbeats themselves. */
  heartbeatCheck(): void {
    // Nothing to do, by design.
  }

  // --- who am I

  /** Host and port of the URL in use, e.g. `localhost:6379`. */
  get host(): string {
    const { hostname, port } = parseBrokerUrl(this.#cycle.current)
    return port === undefined ? (hostname ?? 'localhost') : `${hostname ?? 'localhost'}:${port}`
  }

  /** The URL in use, password masked unless asked for. */
  asUri(options: { readonly includePassword?: boolean; readonly mask?: string } = {}): string {
    return formatBrokerUrl(parseBrokerUrl(this.#cycle.current), options)
  }

  toString(): string {
    return `<Connection: ${this.asUri()}>`
  }

  info(): ConnectionInfo {
    const { scheme, hostname, port, userid, password, virtualHost, rest } = parseBrokerUrl(
      this.#cycle.current,
    )
    const { urls, failoverStrategy, transportOptions, connectTimeoutMs, operationTimeoutMs } =
      this.settings
    return {
      ...{ transport: scheme, hostname, port, userid, password, virtualHost },
      uriPrefix: rest === undefined ? undefined : scheme.split('+', 1)[0],
      alternates: urls,
      ...{ failoverStrategy, transportOptions, connectTimeoutMs, operationTimeoutMs },
    }
  }

  /** Points to the next URL of the failover list, from the next connection on. Kombu's `maybe_switch_next()`. */
  switchToNext(): void {
    this.#cycle.next()
  }

  /** True when that many failed attempts make a full pass over the URLs. Kombu's `completes_cycle()`. */
  completesCycle(retries: number): boolean {
    return (retries + 1) % this.settings.urls.length === 0
  }

  /** Reports something that ends nothing. Without a listener it becomes a process warning: nothing is swallowed. */
  warn(error: unknown): void {
    const reported = error instanceof Error ? error : new Error(String(error))
    if (
      error instanceof LeaseLostError ||
      this.#supervisor.events.emit('warning', { error: reported })
    )
      return
    process.emitWarning(reported.message, {
      type: 'DashiWarning',
      code: MessagingError.is(error) ? error.code : 'UNKNOWN',
    })
  }

  // --- inside

  #owner(): ChannelOwner {
    const { codecs, maxBodyBytes, connectTimeoutMs, operationTimeoutMs } = this.settings
    return {
      ...{ supervisor: this.#supervisor, topology: this.#topology, counters: this.counters },
      ...{ connectTimeoutMs, operationTimeoutMs },
      reading: { codecs, accept: undefined, maxBodyBytes },
      onDelivered: () => this.#onDelivered(),
      onChannelClosed: (channel) => this.#channels.delete(channel),
      onUndeclared: () => this.#declaredEntities.clear(),
      onAbandoned: (queue) => this.#onAbandoned(queue),
      warn: (error) => this.warn(error),
    }
  }

  #onDelivered(): void {
    this.#undrainedCount += 1
    this.#drained?.resolve()
    this.#drained = undefined
  }

  /** A queue that went with its last consumer here must not come back with the next connection. */
  #onAbandoned(queue: string): void {
    if (!this.#topology.isAutoDeleted(queue)) return
    for (const channel of this.#channels) if (channel.consumesFrom(queue)) return
    this.#topology.removeQueue(queue)
  }

  async #transportOf(url: string): Promise<Transport> {
    if (this.#given) return this.#given
    const known = this.#transports.get(url)
    if (known) return known
    const transport = await transportOf(url, this.settings.transportOptions)
    this.#transports.set(url, transport)
    return transport
  }

  async #restore(connection: TransportConnection, signal: AbortSignal): Promise<void> {
    await this.#topology.replay(connection, { signal, onRefused: (error) => this.warn(error) })
    for (const open of this.#channels) await open.restore(connection, signal)
  }
}

function leftUntil(until: number): number {
  return Math.max(1, until - performance.now())
}

function isTransport(value: string | readonly string[] | Transport): value is Transport {
  return typeof value === 'object' && 'connect' in value
}
