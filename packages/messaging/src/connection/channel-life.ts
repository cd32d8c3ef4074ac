/** A channel across connections: the link of the current epoch, and the consumers to be brought back on the next. */

import { withDeadline } from '../deadline.ts'
import { ChannelError, ConnectionError, type MessagingError } from '../errors.ts'
import { Message, type MessageReading } from '../message/message.ts'
import type { OperationOptions } from '../operation-options.ts'
import type { Delivery, TransportChannel, TransportConnection } from '../transport/transport.ts'
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

/** How long to wait for a link. */
export interface LinkOptions extends OperationOptions {
  readonly timeoutMs: number
}

/** Owns the link: opens it, restores what was consumed, ends it with its epoch. */
export class ChannelLife {
  readonly consumers: Map<string, ChannelConsumer> = new Map()
  readonly #owner: ChannelOwner
  #link: ChannelLink | undefined
  #opening: Promise<ChannelLink> | undefined
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
    this.consumers.clear()
    return link
  }

  /** A working link: this one, or the next. @throws {ConnectionError} none in time. */
  async linked(options: LinkOptions): Promise<ChannelLink> {
    if (this.#isClosed) throw channelClosed()
    if (this.#link) return this.#link
    const { supervisor, connectTimeoutMs } = this.#owner
    const { signal, timeoutMs } = options
    const isNew = supervisor.lastConnectedEpoch === 0
    const waitMs = isNew ? Math.min(connectTimeoutMs, timeoutMs) : timeoutMs
    const connection = await supervisor.ready({ signal, timeoutMs: waitMs })
    return this.#link ?? (await this.#open(connection, AbortSignal.timeout(Math.ceil(timeoutMs))))
  }

  /** Runs an idempotent operation, again if the connection was lost under it, until its deadline. */
  async operate<T, O extends OperationOptions>(
    what: string,
    options: O | undefined,
    operation: (channel: TransportChannel, options: O & OperationOptions) => Promise<T>,
  ): Promise<T> {
    const timeoutMs = this.#owner.operationTimeoutMs
    const until = performance.now() + timeoutMs
    for (;;) {
      const leftMs = Math.max(1, until - performance.now())
      const link = await this.linked({ signal: options?.signal, timeoutMs: leftMs })
      try {
        const bounded = { ...options, signal: options?.signal } as O & OperationOptions
        return await withDeadline(operation(link.channel, bounded), {
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
    this.#opening ??= this.#openNow(connection, signal).finally(() => {
      this.#opening = undefined
    })
    return this.#opening
  }

  async #openNow(connection: TransportConnection, signal: AbortSignal): Promise<ChannelLink> {
    const channel = await connection.openChannel({ signal })
    const link = new ChannelLink(channel, () => this.#countStale())
    if (this.#prefetchCount > 0) await channel.qos(this.#prefetchCount, { signal })
    if (!this.#isFlowing) await channel.flow(false, { signal })
    void channel.closed.then((error) => this.#ended(link, connection, error))
    for (const consumer of this.consumers.values()) await this.#resubscribe(link, consumer, signal)
    this.#link = link
    return link
  }

  /** A queue that is gone ends its consumer, not its neighbours. */
  async #resubscribe(
    link: ChannelLink,
    consumer: ChannelConsumer,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      await this.subscribe(link, consumer, { signal })
    } catch (error) {
      if (!(error instanceof ChannelError)) throw error
      this.consumers.delete(consumer.consumerTag)
      consumer.onCancelled(error)
    }
  }

  async subscribe(
    link: ChannelLink | undefined,
    consumer: ChannelConsumer,
    options: OperationOptions,
  ): Promise<void> {
    if (!link) return
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
    consumer.onMessage(this.message(link, delivery, consumer.accept))
    this.#owner.onDelivered()
  }

  message(link: ChannelLink, delivery: Delivery, accept: ReadonlySet<string> | undefined): Message {
    const { message, handle, queue, consumerTag } = delivery
    const reading = accept ? { ...this.#owner.reading, accept } : this.#owner.reading
    return new Message({ incoming: message, handle, queue, consumerTag, source: link, reading })
  }

  #cancelled(consumer: ChannelConsumer, error: MessagingError): void {
    this.consumers.delete(consumer.consumerTag)
    consumer.onCancelled(error)
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

function channelClosed(): ConnectionError {
  return new ConnectionError(
    'CONNECTION_CLOSED',
    'The channel was closed by its owner. Open another with connection.channel()',
  )
}
