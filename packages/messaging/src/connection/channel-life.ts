/** A channel across connections: the link of the current epoch, and the consumers to be brought back on the next. */

import { withDeadline } from '../deadline.ts'
import { ChannelError, ConnectionError, type MessagingError } from '../errors.ts'
import { Message, type MessageReading } from '../message/message.ts'
import type { OperationOptions } from '../operation-options.ts'
import type { Delivery, TransportConnection } from '../transport/transport.ts'
import type { Channel } from './channel.ts'
import { ChannelLink } from './channel-link.ts'
import type { ConnectionCounters } from './counters.ts'
import type { DeclaredTopology } from './declared-topology.ts'
import type { Supervisor } from './supervisor.ts'

/** What a channel shares with its connection. */
export interface ChannelOwner {
  readonly supervisor: Supervisor
  readonly topology: DeclaredTopology
  readonly counters: ConnectionCounters
  readonly reading: MessageReading
  readonly connectTimeoutMs: number
  readonly operationTimeoutMs: number
  /** Told of every delivery, for `drainEvents`. */
  onDelivered(): void
  onChannelClosed(channel: Channel): void
  /** Something that was declared is there no more. */
  onUndeclared(): void
  /** Nobody consumes from the queue on this channel any more. */
  onAbandoned(queue: string): void
  /** Told of what went wrong and ends nothing. */
  warn(error: unknown): void
}

/** Who receives what a channel consumes. */
export interface ChannelConsumer {
  readonly queue: string
  readonly consumerTag: string
  readonly noAck: boolean
  readonly exclusive: boolean
  readonly arguments: Readonly<Record<string, unknown>>
  /** Content types that its messages may have. */
  readonly accept: ReadonlySet<string> | undefined
  onMessage(message: Message): void
  /** The broker ended the consumer, now or while the connection was away. */
  onCancelled(error: MessagingError): void
}

/** A link that is being made, for one connection. */
interface Opening {
  readonly connection: TransportConnection
  readonly link: Promise<ChannelLink>
}

/** How long to wait for a link. */
export interface LinkOptions extends OperationOptions {
  readonly timeoutMs: number
}

/** Owns the link: opens it, restores what was consumed, ends it with its epoch. */
export class ChannelLife {
  readonly consumers: Map<string, ChannelConsumer> = new Map()
  readonly #owner: ChannelOwner
  #link: ChannelLink | undefined
  #opening: Opening | undefined
  #prefetchCount = 0
  #isFlowing = true
  #isClosed = false

  constructor(owner: ChannelOwner) {
    this.#owner = owner
  }

  /** The link of the current connection, if there is one. */
  get link(): ChannelLink | undefined {
    return this.#link
  }

  get isOpen(): boolean {
    return !this.#isClosed
  }

  get prefetchCount(): number {
    return this.#prefetchCount
  }

  /** Remembered for the links to come. */
  remember(settings: { readonly prefetchCount?: number; readonly isFlowing?: boolean }): void {
    this.#prefetchCount = settings.prefetchCount ?? this.#prefetchCount
    this.#isFlowing = settings.isFlowing ?? this.#isFlowing
  }

  /** No link any more. @returns the last one, to be closed. */
  end(): ChannelLink | undefined {
    const link = this.#link
    this.#isClosed = true
    this.#link = undefined
    const consumers = [...this.consumers.values()]
    this.consumers.clear()
    for (const { queue } of consumers) this.#owner.onAbandoned(queue)
    return link
  }

  consumesFrom(queue: string): boolean {
    for (const consumer of this.consumers.values()) if (consumer.queue === queue) return true
    return false
  }

  /** A working link: this one, or the next. @throws {ConnectionError} none in time. */
  async linked(options: LinkOptions): Promise<ChannelLink> {
    const until = performance.now() + options.timeoutMs
    for (;;) {
      if (this.#isClosed) throw channelClosed()
      if (this.#link) return this.#link
      const timeoutMs = Math.max(1, until - performance.now())
      try {
        return await this.#linkOnce({ ...options, timeoutMs })
      } catch (error) {
        // Lost again while it opened: there will be another.
        if (!isLost(error) || performance.now() >= until) throw error
      }
    }
  }

  async #linkOnce({ signal, timeoutMs }: LinkOptions): Promise<ChannelLink> {
    const { supervisor, connectTimeoutMs } = this.#owner
    const isNew = supervisor.lastConnectedEpoch === 0
    const waitMs = isNew ? Math.min(connectTimeoutMs, timeoutMs) : timeoutMs
    const connection = await supervisor.ready({ signal, timeoutMs: waitMs })
    return this.#link ?? (await this.#open(connection, AbortSignal.timeout(Math.ceil(timeoutMs))))
  }

  /** The link that there is, or is being made; `undefined` without a connection. */
  async linkIfAny(): Promise<ChannelLink | undefined> {
    // Whoever opens is told why it failed.
    await this.#opening?.link.catch(() => undefined)
    return this.#link
  }

  /** Runs an idempotent operation, again if the connection was lost under it, until its deadline. */
  async operate<T, O extends OperationOptions>(
    what: string,
    options: O | undefined,
    operation: (link: ChannelLink, options: O & OperationOptions) => Promise<T>,
  ): Promise<T> {
    options?.signal?.throwIfAborted()
    const timeoutMs = this.#owner.operationTimeoutMs
    const until = performance.now() + timeoutMs
    for (;;) {
      const leftMs = Math.max(1, until - performance.now())
      const link = await this.linked({ signal: options?.signal, timeoutMs: leftMs })
      try {
        const bounded = { ...options, signal: options?.signal } as O & OperationOptions
        return await withDeadline(operation(link, bounded), {
          timeoutMs: leftMs,
          signal: options?.signal,
          what,
        })
      } catch (error) {
        if (!isLost(error) || performance.now() >= until || this.#isClosed) throw error
        if (this.#link === link) this.#link = undefined
      }
    }
  }

  /** Opens on a fresh connection and consumes again. Called by the connection before anybody is told that it is there. */
  async restore(connection: TransportConnection, signal: AbortSignal): Promise<void> {
    await this.#open(connection, signal)
  }

  #open(connection: TransportConnection, signal: AbortSignal): Promise<ChannelLink> {
    if (this.#opening?.connection === connection) return this.#opening.link
    const link = this.#openNow(connection, signal).finally(() => {
      if (this.#opening?.link === link) this.#opening = undefined
    })
    this.#opening = { connection, link }
    return link
  }

  async #openNow(connection: TransportConnection, signal: AbortSignal): Promise<ChannelLink> {
    const channel = await connection.openChannel({ signal })
    const link = new ChannelLink(channel, () => this.#countStale())
    void channel.closed.then((error) => this.#ended(link, connection, error))
    try {
      await this.#prepare(link, signal)
      if (this.#isClosed) throw channelClosed()
      if (link.isOver || this.#opening?.connection !== connection) throw connectionLost()
    } catch (error) {
      link.end(error instanceof Error ? error : connectionLost())
      // It may be gone already; nothing is held by it that its connection would not give back.
      channel.close({ signal }).catch(() => undefined)
      throw error
    }
    this.#link = link
    return link
  }

  async #prepare(link: ChannelLink, signal: AbortSignal): Promise<void> {
    if (this.#prefetchCount > 0) await link.channel.qos(this.#prefetchCount, { signal })
    if (!this.#isFlowing) await link.channel.flow(false, { signal })
    for (const consumer of this.consumers.values()) await this.#resubscribe(link, consumer, signal)
  }

  /** A queue that is gone ends its consumer, not its neighbours. */
  async #resubscribe(
    link: ChannelLink,
    consumer: ChannelConsumer,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      await this.#subscribe(link, consumer, { signal })
    } catch (error) {
      if (!(error instanceof ChannelError)) throw error
      this.#cancelled(consumer, error)
    }
  }

  /** Starts a consumer; it goes on across connections until cancelled. */
  async consume(consumer: ChannelConsumer, options: OperationOptions | undefined): Promise<void> {
    const what = `Consuming from queue "${consumer.queue}"`
    let isWanted = true
    try {
      await this.operate(what, options, async (link, bounded) => {
        await this.#subscribe(link, consumer, bounded)
        if (!isWanted) return await link.channel.cancel(consumer.consumerTag, {})
        if (this.#link !== link) throw connectionLost()
        this.consumers.set(consumer.consumerTag, consumer)
      })
    } finally {
      isWanted = this.consumers.has(consumer.consumerTag)
    }
  }

  /** Ends a consumer, now and for the connections to come. */
  async cancel(consumerTag: string, options: OperationOptions | undefined): Promise<void> {
    const consumer = this.consumers.get(consumerTag)
    if (!consumer) return
    this.consumers.delete(consumerTag)
    if (!this.consumesFrom(consumer.queue)) this.#owner.onAbandoned(consumer.queue)
    const link = await this.linkIfAny()
    if (!link) return
    try {
      await withDeadline(link.channel.cancel(consumerTag, options ?? {}), {
        timeoutMs: this.#owner.operationTimeoutMs,
        signal: options?.signal,
        what: `Cancelling consumer "${consumerTag}"`,
      })
    } catch (error) {
      // With its connection the consumer is gone too.
      if (!isLost(error)) throw error
    }
  }

  async #subscribe(
    link: ChannelLink,
    consumer: ChannelConsumer,
    options: OperationOptions,
  ): Promise<void> {
    const { queue, consumerTag, noAck, exclusive } = consumer
    const sink = {
      onDelivery: (delivery: Delivery) => this.#deliver(link, consumer, delivery),
      onCancelled: (error: MessagingError) => this.#cancelled(consumer, error),
    }
    await link.channel.consume(queue, sink, {
      consumerTag,
      noAck,
      exclusive,
      arguments: consumer.arguments,
      ...options,
    })
  }

  #deliver(link: ChannelLink, consumer: ChannelConsumer, delivery: Delivery): void {
    this.#owner.counters.delivered += 1
    try {
      consumer.onMessage(this.message(link, delivery, consumer.accept))
    } catch (error) {
      // The deliveries behind it are not to blame; the message stays held, as any that nobody settles.
      this.#owner.warn(error)
    }
    this.#owner.onDelivered()
  }

  message(link: ChannelLink, delivery: Delivery, accept: ReadonlySet<string> | undefined): Message {
    const { message, handle, queue, consumerTag } = delivery
    const reading = accept ? { ...this.#owner.reading, accept } : this.#owner.reading
    return new Message({ incoming: message, handle, queue, consumerTag, source: link, reading })
  }

  #cancelled(consumer: ChannelConsumer, error: MessagingError): void {
    this.consumers.delete(consumer.consumerTag)
    this.#owner.onUndeclared()
    try {
      consumer.onCancelled(error)
    } catch (failure) {
      this.#owner.warn(failure)
    }
  }

  /** The broker ended the channel. If its connection lives, a new one takes its place. */
  #ended(
    link: ChannelLink,
    connection: TransportConnection,
    error: MessagingError | undefined,
  ): void {
    link.end(error ?? channelClosed())
    if (this.#link !== link) return
    this.#link = undefined
    const { supervisor } = this.#owner
    const isAlive =
      supervisor.state.phase === 'connected' && supervisor.state.connection === connection
    if (this.#isClosed || !isAlive || this.consumers.size === 0) return
    // Nobody asked for anything that it could answer: it may be that a message was held for too long.
    if (error) this.#owner.warn(error)
    this.#open(connection, AbortSignal.timeout(this.#owner.operationTimeoutMs)).catch(() =>
      supervisor.collect(),
    )
  }

  #countStale(): void {
    this.#owner.counters.staleSettlements += 1
  }
}

function isLost(error: unknown): boolean {
  return error instanceof ConnectionError && error.code === 'CONNECTION_LOST'
}

function connectionLost(): ConnectionError {
  return new ConnectionError('CONNECTION_LOST', 'The connection was lost while its channel opened')
}

function channelClosed(): ConnectionError {
  return new ConnectionError(
    'CONNECTION_CLOSED',
    'The channel was closed by its owner. Open another with connection.channel()',
  )
}
