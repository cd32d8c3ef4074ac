/** Receives messages from queues and hands them to callbacks. */
import type { Channel } from './connection/channel.ts'
import type { ChannelConsumer } from './connection/channel-life.ts'
import type { SupervisedConnection } from './connection/supervised-connection.ts'
import type { Queue } from './entity/queue.ts'
import {
  ConfigurationError,
  ContentDisallowedError,
  DecodeError,
  type MessagingError,
} from './errors.ts'
import { maybeDeclare } from './maybe-declare.ts'
import type { Message } from './message/message.ts'
import type { OperationOptions } from './operation-options.ts'
import { quarantine } from './quarantine.ts'

/** Called with the decoded body. */
export type ConsumerCallback = (body: unknown, message: Message) => unknown

/** Options of a consumer. */
export interface ConsumerOptions {
  readonly queues?: Queue | readonly Queue[] | undefined
  /** The broker forgets messages as it sends them. Default: each queue's own `noAck`. */
  readonly noAck?: boolean | undefined
  /** Declare queues, with exchanges and bindings, before consuming. Default true. */
  readonly autoDeclare?: boolean | undefined
  readonly callbacks?: readonly ConsumerCallback[] | undefined
  /** Instead of callbacks: gets the message undecoded. */
  readonly onMessage?: ((message: Message) => unknown) | undefined
  /** Gets messages that cannot be read. Default: they are set aside in the quarantine queue. */
  readonly onDecodeError?: ((message: Message, error: MessagingError) => unknown) | undefined
  /** Gets messages whose callback threw. Default: delivered once more, then set aside. */
  readonly onCallbackError?: ((message: Message, error: unknown) => unknown) | undefined
  /** Told when the broker ends the consumer of a queue. Default: a warning of the connection. */
  readonly onCancel?: ((queue: string, error: MessagingError) => unknown) | undefined
  /** Told of broadcasts known to have been missed before a message. */
  readonly onGap?: ((missedCount: number, message: Message) => unknown) | undefined
  /** Serializer names or content types that may be read. Default: all that are enabled. */
  readonly accept?: readonly string[] | undefined
  /** Most unsettled messages at a time; 0 or nothing = no limit. */
  readonly prefetchCount?: number | undefined
  /** Begins every consumer tag. Default `dashi`. */
  readonly tagPrefix?: string | undefined
}

/**
 * Consumes from one or more queues on one channel, across reconnects, until cancelled.
 *
 * @example
 * await using consumer = connection.consumer({ queues: [queue], prefetchCount: 100, callbacks: [(body, message) => message.ack()] })
 * await consumer.consume()
 */
export class Consumer implements AsyncDisposable {
  readonly channel: Channel
  readonly #connection: SupervisedConnection
  readonly #options: ConsumerOptions
  readonly #accept: ReadonlySet<string> | undefined
  readonly #ownsChannel: boolean
  readonly #callbacks: ConsumerCallback[]
  readonly #tags = new Map<string, string>()
  #queues: Queue[]

  /** @param channel Default: one of its own, closed with the consumer. */
  constructor(connection: SupervisedConnection, options: ConsumerOptions = {}, channel?: Channel) {
    const { queues = [], accept, callbacks = [] } = options
    this.#connection = connection
    this.#options = options
    this.#ownsChannel = channel === undefined
    this.channel = channel ?? connection.channel()
    this.#accept = accept && connection.settings.codecs.acceptedContentTypes(accept)
    this.#callbacks = [...callbacks]
    this.#queues = 'name' in queues ? [queues] : [...queues]
  }

  get connection(): SupervisedConnection {
    return this.#connection
  }

  get queues(): readonly Queue[] {
    return this.#queues
  }

  registerCallback(callback: ConsumerCallback): void {
    this.#callbacks.push(callback)
  }

  /** Adds a queue, declared if `autoDeclare`; consumed from at the next `consume()`. */
  async addQueue(queue: Queue, options?: OperationOptions): Promise<Queue> {
    const declared =
      (this.#options.autoDeclare ?? true) ? await this.#declare(queue, options) : queue
    this.#queues.push(declared)
    return declared
  }

  /** Declares all queues, their exchanges and bindings. */
  async declare(options?: OperationOptions): Promise<void> {
    this.#queues = await Promise.all(this.#queues.map((queue) => this.#declare(queue, options)))
  }

  /** Starts consuming from every queue that it does not consume from yet. Resolves when the broker delivers. */
  async consume(
    options: OperationOptions & { readonly noAck?: boolean | undefined } = {},
  ): Promise<void> {
    this.#assertReceiver()
    const { prefetchCount } = this.#options
    if (prefetchCount !== undefined) await this.qos({ ...options, prefetchCount })
    if (this.#options.autoDeclare ?? true) await this.declare(options)
    for (const queue of this.#queues) {
      if (!this.#tags.has(queue.name)) await this.#consumeFrom(queue, options)
    }
  }

  consumingFrom(queue: Queue | string): boolean {
    return this.#tags.has(nameOf(queue))
  }

  /** Stops consuming; what was delivered can still be settled. */
  async cancel(options?: OperationOptions): Promise<void> {
    const tags = [...this.#tags.values()]
    this.#tags.clear()
    for (const tag of tags) await this.channel.cancel(tag, options)
  }

  async cancelByQueue(queue: Queue | string, options?: OperationOptions): Promise<void> {
    const name = nameOf(queue)
    const tag = this.#tags.get(name)
    this.#tags.delete(name)
    this.#queues = this.#queues.filter((other) => other.name !== name)
    if (tag !== undefined) await this.channel.cancel(tag, options)
  }

  /** Cancels, and closes its own channel: what is unsettled is delivered again. */
  async close(options?: OperationOptions): Promise<void> {
    await this.cancel(options)
    if (this.#ownsChannel) await this.channel.close(options)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Removes all waiting messages of all queues. @returns how many. */
  async purge(options?: OperationOptions): Promise<number> {
    let count = 0
    for (const queue of this.#queues) count += await queue.purge(this.channel, options)
    return count
  }

  /** Pauses (`false`) or resumes deliveries. */
  flow(active: boolean, options?: OperationOptions): Promise<void> {
    return this.channel.flow(active, options)
  }

  qos(options: OperationOptions & { readonly prefetchCount: number }): Promise<void> {
    return this.channel.qos(options)
  }

  /** Has everything unsettled delivered again. */
  recover(options?: OperationOptions): Promise<void> {
    return this.channel.recover(options)
  }

  /** Hands one message to the callbacks. Kombu's `receive()`. */
  async receive(body: unknown, message: Message): Promise<void> {
    for (const callback of this.#callbacks) await callback(body, message)
  }

  // --- inside

  async #declare(queue: Queue, options?: OperationOptions): Promise<Queue> {
    if (queue.name !== '') {
      await maybeDeclare(queue, { connection: this.#connection, channel: this.channel }, options)
      return queue
    }
    const status = await queue.declare(this.channel, options)
    return queue.named(status.queue)
  }

  async #consumeFrom(
    queue: Queue,
    options: OperationOptions & { readonly noAck?: boolean | undefined },
  ): Promise<void> {
    const consumerTag = `${this.#options.tagPrefix ?? 'dashi'}-${crypto.randomUUID()}`
    const noAck = options.noAck ?? this.#options.noAck ?? queue.noAck
    this.#tags.set(queue.name, consumerTag)
    try {
      await this.channel.consume(this.#channelConsumer(queue, consumerTag, noAck), options)
    } catch (error) {
      this.#tags.delete(queue.name)
      throw error
    }
  }

  #channelConsumer(queue: Queue, consumerTag: string, noAck: boolean): ChannelConsumer {
    return {
      queue: queue.name,
      consumerTag,
      noAck,
      exclusive: false,
      arguments: queue.consumerArguments,
      accept: this.#accept,
      onMessage: (message) => this.#onMessage(message),
      onCancelled: (error) => this.#onCancelled(queue.name, error),
    }
  }

  #onCancelled(queue: string, error: MessagingError): void {
    this.#tags.delete(queue)
    if (this.#options.onCancel) this.#options.onCancel(queue, error)
    else this.#connection.warn(error)
  }

  /** Synchronous as long as the callbacks are: no promise per message that nobody awaits. */
  #onMessage(message: Message): void {
    try {
      this.#tellGap(message)
      const outcome = this.#hand(message)
      if (outcome instanceof Promise)
        outcome.catch((error: unknown) => this.#onError(message, error))
    } catch (error) {
      this.#onError(message, error)
    }
  }

  #hand(message: Message): unknown {
    const [defect] = message.errors
    if (defect) throw defect
    const { onMessage } = this.#options
    if (onMessage) return onMessage(message)
    const body = message.decode()
    const [first] = this.#callbacks
    return this.#callbacks.length === 1 && first
      ? first(body, message)
      : this.receive(body, message)
  }

  #tellGap(message: Message): void {
    const { missedCount } = message
    if (missedCount === 0) return
    this.#connection.counters.missedBroadcasts += missedCount
    this.#options.onGap?.(missedCount, message)
  }

  #onError(message: Message, error: unknown): void {
    const isUnreadable = error instanceof DecodeError || error instanceof ContentDisallowedError
    const handler = isUnreadable ? this.#options.onDecodeError : this.#options.onCallbackError
    if (!handler) {
      this.#giveUp(message, error, isUnreadable)
      return
    }
    this.#guard(() =>
      isUnreadable
        ? this.#options.onDecodeError?.(message, error)
        : this.#options.onCallbackError?.(message, error),
    )
  }

  /** Unreadable stays unreadable; a callback that threw gets a second chance. */
  #giveUp(message: Message, error: unknown, isUnreadable: boolean): void {
    if (!isUnreadable) this.#connection.warn(error)
    if (message.acknowledged) return
    if (isUnreadable || message.redelivered)
      this.#guard(() =>
        quarantine(message, error, { connection: this.#connection, channel: this.channel }),
      )
    else message.requeue()
  }

  /** An error handler that fails is reported, and ends nothing. */
  #guard(run: () => unknown): void {
    const ran = (async () => await run())()
    ran.catch((error: unknown) => this.#connection.warn(error))
  }

  #assertReceiver(): void {
    if (this.#callbacks.length > 0 || this.#options.onMessage) return
    throw new ConfigurationError(
      'BAD_OPTION',
      'A consumer needs `callbacks` or `onMessage` before it can consume',
    )
  }
}

function nameOf(queue: Queue | string): string {
  return typeof queue === 'string' ? queue : queue.name
}
