/** A channel that survives its connections: it remembers what it consumes, and consumes it again after a reconnect. */
import { withDeadline } from '../deadline.ts'
import type {
  BindingDeclaration,
  DeclaringChannel,
  DeleteOptions,
  ExchangeDeclaration,
  QueueDeclaration,
  QueueStatus,
} from '../entity/declaration.ts'
import { OutcomeUnknownError, TimeoutError } from '../errors.ts'
import type { OutgoingMessage } from '../message/envelope.ts'
import type { Message } from '../message/message.ts'
import type { OperationOptions } from '../operation-options.ts'
import type { Delivery, TransportConnection } from '../transport/transport.ts'
import { type ChannelConsumer, ChannelLife, type ChannelOwner } from './channel-life.ts'
import type { ChannelLink } from './channel-link.ts'

/** Deadline of one publish, when it is not the connection's. */
export interface PublishDeadline extends OperationOptions {
  readonly timeoutMs?: number | undefined
}

/**
 * AMQP's channel: declares, publishes, consumes, settles. Made by `Connection.channel()`; usable at once and across
 * reconnects. Everything that waits ends within the connection's `operationTimeoutMs`.
 */
export class Channel implements DeclaringChannel, AsyncDisposable {
  readonly #owner: ChannelOwner
  readonly #life: ChannelLife
  readonly #closed = Promise.withResolvers<void>()
  #closing: Promise<void> | undefined

  constructor(owner: ChannelOwner) {
    this.#owner = owner
    this.#life = new ChannelLife(owner)
  }

  get isOpen(): boolean {
    return this.#life.isOpen
  }

  /** Whether it has a consumer of the queue. */
  consumesFrom(queue: string): boolean {
    return this.#life.consumesFrom(queue)
  }

  /** The type of an exchange declared on this connection. */
  exchangeType(name: string): string | undefined {
    return this.#owner.topology.exchangeType(name)
  }

  // --- entities

  async declareExchange(
    declaration: ExchangeDeclaration,
    options?: OperationOptions,
  ): Promise<void> {
    await this.#life.operate(
      `Declaring exchange "${declaration.name}"`,
      options,
      ({ channel }, bounded) => channel.declareExchange(declaration, bounded),
    )
    if (!declaration.passive) this.#owner.topology.addExchange(declaration)
  }

  async deleteExchange(name: string, options: DeleteOptions = {}): Promise<void> {
    await this.#life.operate(`Deleting exchange "${name}"`, options, ({ channel }, bounded) =>
      channel.deleteExchange(name, bounded),
    )
    this.#owner.topology.removeExchange(name)
    this.#owner.onUndeclared()
  }

  async bindExchange(binding: BindingDeclaration, options?: OperationOptions): Promise<void> {
    await this.#life.operate(
      `Binding exchange "${binding.destination}"`,
      options,
      ({ channel }, bounded) => channel.bindExchange(binding, bounded),
    )
    this.#owner.topology.addExchangeBinding(binding)
  }

  async unbindExchange(binding: BindingDeclaration, options?: OperationOptions): Promise<void> {
    await this.#life.operate(
      `Unbinding exchange "${binding.destination}"`,
      options,
      ({ channel }, bounded) => channel.unbindExchange(binding, bounded),
    )
    this.#owner.topology.removeExchangeBinding(binding)
  }

  async declareQueue(
    declaration: QueueDeclaration,
    options?: OperationOptions,
  ): Promise<QueueStatus> {
    const what = `Declaring queue "${declaration.name}"`
    const status = await this.#life.operate(what, options, ({ channel }, bounded) =>
      channel.declareQueue(declaration, bounded),
    )
    if (!declaration.passive) this.#owner.topology.addQueue({ ...declaration, name: status.queue })
    return status
  }

  async bindQueue(binding: BindingDeclaration, options?: OperationOptions): Promise<void> {
    const what = `Binding queue "${binding.destination}" to exchange "${binding.exchange}"`
    await this.#life.operate(what, options, ({ channel }, bounded) =>
      channel.bindQueue(binding, bounded),
    )
    this.#owner.topology.addQueueBinding(binding)
  }

  async unbindQueue(binding: BindingDeclaration, options?: OperationOptions): Promise<void> {
    const what = `Unbinding queue "${binding.destination}" from exchange "${binding.exchange}"`
    await this.#life.operate(what, options, ({ channel }, bounded) =>
      channel.unbindQueue(binding, bounded),
    )
    this.#owner.topology.removeQueueBinding(binding)
    this.#owner.onUndeclared()
  }

  async purgeQueue(queue: string, options?: OperationOptions): Promise<number> {
    return await this.#life.operate(`Purging queue "${queue}"`, options, ({ channel }, bounded) =>
      channel.purgeQueue(queue, bounded),
    )
  }

  async deleteQueue(queue: string, options: DeleteOptions = {}): Promise<number> {
    const count = await this.#life.operate(
      `Deleting queue "${queue}"`,
      options,
      ({ channel }, bounded) => channel.deleteQueue(queue, bounded),
    )
    this.#owner.topology.removeQueue(queue)
    this.#owner.onUndeclared()
    return count
  }

  // --- messages

  /**
   * Resolves when the broker has the message.
   *
   * @throws {PublishError} it definitely has not; {OutcomeUnknownError} it may have, e.g. when the connection broke or the
   * deadline passed before the answer; {ConnectionError} there was no connection in time.
   */
  publish(message: OutgoingMessage, deadline?: PublishDeadline): Promise<void> {
    const link = this.#life.link
    if (link && !deadline) return link.channel.publish(message)
    return this.#publishWithin(message, deadline ?? {})
  }

  async #publishWithin(message: OutgoingMessage, deadline: PublishDeadline): Promise<void> {
    const timeoutMs = deadline.timeoutMs ?? this.#owner.operationTimeoutMs
    const link = await this.#life.linked({ ...deadline, timeoutMs })
    deadline.signal?.throwIfAborted()
    const what = `Publishing to exchange "${message.exchange}"`
    try {
      await withDeadline(link.channel.publish(message), { ...deadline, timeoutMs, what })
    } catch (error) {
      throw error instanceof TimeoutError ? publishTimedOut(timeoutMs) : error
    }
  }

  /** Starts a consumer; it goes on across reconnects until `cancel()`. */
  async consume(consumer: ChannelConsumer, options?: OperationOptions): Promise<void> {
    await this.#life.consume(consumer, options)
  }

  async cancel(consumerTag: string, options?: OperationOptions): Promise<void> {
    await this.#life.cancel(consumerTag, options)
  }

  /** `basic.get`: one message now, or `undefined`. */
  async get(queue: string, options: GetOptions = {}): Promise<Message | undefined> {
    const noAck = options.noAck ?? false
    const link = await this.#life.linked({ ...options, timeoutMs: this.#owner.operationTimeoutMs })
    const { signal } = options
    signal?.throwIfAborted()
    const getting = link.channel.get(queue, { noAck })
    try {
      const timeoutMs = this.#owner.operationTimeoutMs
      const what = `Getting from queue "${queue}"`
      const delivery = await withDeadline(getting, { signal, timeoutMs, what })
      return delivery && this.#life.message(link, delivery, options.accept)
    } catch (error) {
      giveBackLate(link, getting)
      throw error
    }
  }

  /** At most so many unsettled deliveries on this channel; 0 = no limit. */
  async qos(options: QosOptions): Promise<void> {
    const { prefetchCount } = options
    this.#life.remember({ prefetchCount })
    if (await this.#life.linkIfAny())
      await this.#life.operate('Setting the prefetch count', options, ({ channel }, bounded) =>
        channel.qos(prefetchCount, bounded),
      )
  }

  get prefetchCount(): number {
    return this.#life.prefetchCount
  }

  /** Pauses (`false`) or resumes deliveries. */
  async flow(active: boolean, options?: OperationOptions): Promise<void> {
    this.#life.remember({ isFlowing: active })
    if (await this.#life.linkIfAny())
      await this.#life.operate('Changing the flow', options, ({ channel }, bounded) =>
        channel.flow(active, bounded),
      )
  }

  /** Gives every unsettled delivery of this channel back, to be delivered again. */
  async recover(options?: OperationOptions): Promise<void> {
    await this.#life.operate('Recovering', options, ({ channel }, bounded) =>
      channel.recover(bounded),
    )
  }

  /** Resolves when the broker knows of everything settled so far. @throws {LeaseLostError} some of it came too late. */
  async settled(options: OperationOptions = {}): Promise<void> {
    const timeoutMs = this.#owner.operationTimeoutMs
    await withDeadline(this.#life.link?.settled(options) ?? Promise.resolve(), {
      ...options,
      timeoutMs,
      what: 'Settling',
    })
  }

  /** Gives back what is unsettled and ends. Idempotent. */
  close(options: OperationOptions = {}): Promise<void> {
    this.#closing ??= this.#closeNow(options)
    return this.#closing
  }

  /** Resolves when the channel was closed, by itself or with its connection. */
  get closed(): Promise<void> {
    return this.#closed.promise
  }

  async #closeNow(options: OperationOptions): Promise<void> {
    const link = this.#life.end()
    this.#owner.onChannelClosed(this)
    this.#closed.resolve()
    const timeoutMs = this.#owner.operationTimeoutMs
    const closing = Promise.all([link?.channel.close(options), this.#life.linkIfAny()])
    await withDeadline(closing, { ...options, timeoutMs, what: 'Closing the channel' })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Opens on a fresh connection and consumes again. Called by the connection before anybody is told that it is there. */
  restore(connection: TransportConnection, signal: AbortSignal): Promise<void> {
    return this.#life.restore(connection, signal)
  }
}

/** Options of `Channel.get`. */
export interface GetOptions extends OperationOptions {
  /** Remove instead of hold. Default false. */
  readonly noAck?: boolean | undefined
  readonly accept?: ReadonlySet<string> | undefined
}

/** Options of `Channel.qos`. */
export interface QosOptions extends OperationOptions {
  readonly prefetchCount: number
}

/** What comes after its caller went away goes to somebody else. */
function giveBackLate(link: ChannelLink, getting: Promise<Delivery | undefined>): void {
  getting.then(
    (late) => late && link.channel.settle(late.handle, 'release', { multiple: false }),
    () => undefined, // told to the caller, or gone with the connection
  )
}

function publishTimedOut(timeoutMs: number): OutcomeUnknownError {
  return new OutcomeUnknownError(
    `The broker did not confirm a message within ${timeoutMs} ms: it may or may not have it. ` +
      'Publish again if a duplicate is harmless, or raise `timeoutMs`',
  )
}
