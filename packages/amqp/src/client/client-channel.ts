/** amqplib's channel, with arguments of our kinds and errors of ours. */
import type {
  BindingDeclaration,
  ConsumeOptions,
  DeleteOptions,
  ExchangeDeclaration,
  MessagingError,
  QueueDeclaration,
  QueueStatus,
} from '@dashi/messaging/transport'
import type { Channel } from 'amqplib'
import { channelClosed, channelError } from '../errors.ts'
import { wireArguments } from '../wire/arguments.ts'
import type { Content } from '../wire/content.ts'
import { channelNumberOf } from './amqplib-internals.ts'
import type { Client } from './client.ts'
import type { FrameReceiver } from './frame-intake.ts'

/** The end of a channel that its owner did not close. */
interface ServerClose extends Error {
  readonly code?: number
}

/** One channel. Ends once. */
export class ClientChannel {
  readonly client: Client
  readonly number: number
  readonly #channel: Channel
  readonly #ended = Promise.withResolvers<MessagingError | undefined>()
  #cause: ServerClose | undefined
  #isOver = false
  #isClosing = false
  onCancelled: ((consumerTag: string) => void) | undefined

  constructor(channel: Channel, client: Client) {
    this.#channel = channel
    this.client = client
    this.number = channelNumberOf(channel)
    channel.on('error', (error: ServerClose) => {
      this.#cause = error
    })
    channel.on('cancel', ({ consumerTag }) => this.onCancelled?.(consumerTag))
    channel.on('close', () => this.#end())
  }

  /** With the reason if the broker closed it or the connection was lost. Never rejects. */
  get closed(): Promise<MessagingError | undefined> {
    return this.#ended.promise
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** Messages, returns and confirms of this channel go there. */
  receive(receiver: FrameReceiver): void {
    this.client.intake.register(this.number, receiver)
  }

  // --- exchanges

  async declareExchange(declaration: ExchangeDeclaration): Promise<void> {
    const { name, type, durable, autoDelete, passive } = declaration
    await this.#ask(`declare exchange "${name}"`, () =>
      passive
        ? this.#channel.checkExchange(name)
        : this.#channel.assertExchange(name, type, {
            durable,
            autoDelete,
            arguments: wireArguments(declaration.arguments),
          }),
    )
  }

  async deleteExchange(name: string, options: DeleteOptions): Promise<void> {
    const conditions = { ifUnused: options.ifUnused ?? false }
    await this.#ask(`delete exchange "${name}"`, () =>
      this.#channel.deleteExchange(name, conditions),
    )
  }

  async bindExchange({
    destination,
    exchange,
    routingKey,
    ...rest
  }: BindingDeclaration): Promise<void> {
    await this.#ask(`bind exchange "${destination}" to exchange "${exchange}"`, () =>
      this.#channel.bindExchange(destination, exchange, routingKey, wireArguments(rest.arguments)),
    )
  }

  async unbindExchange({
    destination,
    exchange,
    routingKey,
    ...rest
  }: BindingDeclaration): Promise<void> {
    await this.#ask(`unbind exchange "${destination}" from exchange "${exchange}"`, () =>
      this.#channel.unbindExchange(
        destination,
        exchange,
        routingKey,
        wireArguments(rest.arguments),
      ),
    )
  }

  // --- queues

  async declareQueue(declaration: QueueDeclaration): Promise<QueueStatus> {
    const { name, durable, exclusive, autoDelete, passive } = declaration
    return await this.#ask(`declare queue "${name}"`, () =>
      passive
        ? this.#channel.checkQueue(name)
        : this.#channel.assertQueue(name, {
            durable,
            exclusive,
            autoDelete,
            arguments: wireArguments(declaration.arguments),
          }),
    )
  }

  async bindQueue({
    destination,
    exchange,
    routingKey,
    ...rest
  }: BindingDeclaration): Promise<void> {
    await this.#ask(`bind queue "${destination}" to exchange "${exchange}"`, () =>
      this.#channel.bindQueue(destination, exchange, routingKey, wireArguments(rest.arguments)),
    )
  }

  async unbindQueue({
    destination,
    exchange,
    routingKey,
    ...rest
  }: BindingDeclaration): Promise<void> {
    await this.#ask(`unbind queue "${destination}" from exchange "${exchange}"`, () =>
      this.#channel.unbindQueue(destination, exchange, routingKey, wireArguments(rest.arguments)),
    )
  }

  async purgeQueue(queue: string): Promise<number> {
    return (await this.#ask(`purge queue "${queue}"`, () => this.#channel.purgeQueue(queue)))
      .messageCount
  }

  async deleteQueue(queue: string, options: DeleteOptions): Promise<number> {
    const { ifUnused = false, ifEmpty = false } = options
    const asked = this.#ask(`delete queue "${queue}"`, () =>
      this.#channel.deleteQueue(queue, { ifUnused, ifEmpty }),
    )
    return (await asked).messageCount
  }

  // --- consuming

  async consume(queue: string, options: Omit<ConsumeOptions, 'signal'>): Promise<void> {
    const { consumerTag, noAck, exclusive } = options
    await this.#ask(`consume from queue "${queue}"`, () =>
      // Deliveries come through `receive`, so amqplib has none to hand out.
      this.#channel.consume(queue, ignoreDelivery, {
        consumerTag,
        noAck,
        exclusive,
        arguments: wireArguments(options.arguments),
      }),
    )
  }

  async cancel(consumerTag: string): Promise<void> {
    await this.#ask(`cancel consumer "${consumerTag}"`, () => this.#channel.cancel(consumerTag))
  }

  /** Whether there was a message; it goes to the receiver's `onGot` first. */
  async get(queue: string, noAck: boolean): Promise<boolean> {
    const got = await this.#ask(`get from queue "${queue}"`, () =>
      this.#channel.get(queue, { noAck }),
    )
    return got !== false
  }

  /** Limits each consumer started from now on. A round trip. */
  async qos(prefetchCount: number): Promise<void> {
    await this.#ask('set the prefetch count', () => this.#channel.prefetch(prefetchCount, false))
  }

  async recover(): Promise<void> {
    await this.#ask('recover', () => this.#channel.recover())
  }

  /** Waits for the broker's answer. Idempotent. */
  async close(): Promise<void> {
    if (!this.#isOver && !this.#isClosing) {
      this.#isClosing = true
      this.client.writer.flush()
      // amqplib forgets its answer when the channel ends otherwise meanwhile.
      await Promise.race([this.#channel.close(), this.closed])
    }
    await this.closed
  }

  /** Asks and converts. What this channel wrote itself goes out before the question. */
  async #ask<T>(what: string, ask: () => Promise<T>): Promise<T> {
    if (this.#isOver) throw channelClosed(what)
    this.client.writer.flush()
    try {
      return await ask()
    } catch (error) {
      throw await this.#converted(error, what)
    }
  }

  /** The connection's end explains more than the channel's. */
  async #converted(error: unknown, what: string): Promise<Error> {
    if (this.client.isOver) return (await this.client.closed) ?? channelClosed(what)
    return channelError(error, { what, cause: this.#cause })
  }

  #end(): void {
    this.#isOver = true
    this.client.intake.unregister(this.number)
    const cause = this.#cause
    if (cause) this.#ended.resolve(channelError(cause, { what: 'keep the channel open', cause }))
    else if (this.#isClosing) this.#ended.resolve(undefined)
    else void this.client.closed.then((error) => this.#ended.resolve(error))
  }
}

/** What `basic.get` brought, for the receiver. */
export type GotMessage = Content

function ignoreDelivery(): void {
  // Never called: deliveries do not reach amqplib.
}
