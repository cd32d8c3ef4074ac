/** AMQP's channel on RabbitMQ: what is declared, published and consumed, each on the AMQP channel where it belongs. */
import {
  type BindingDeclaration,
  ChannelError,
  type ConsumeOptions,
  type DeleteOptions,
  type Delivery,
  type DeliverySink,
  type ExchangeDeclaration,
  type MessagingError,
  type OperationOptions,
  type Outcome,
  type OutgoingMessage,
  type QueueDeclaration,
  type QueueStatus,
  type TransportChannel,
} from '@dashi/messaging/transport'
import type { AmqpConnection } from './amqp-connection.ts'
import type { ClientChannel } from './client/client-channel.ts'
import { Deliveries } from './deliver/deliveries.ts'
import { isStandardType } from './exchange-types.ts'
import { Publisher } from './publish/publisher.ts'
import { within } from './within.ts'

/** See `TransportChannel` for the contracts. */
export class AmqpChannel implements TransportChannel {
  readonly #connection: AmqpConnection
  readonly #channel: ClientChannel
  readonly #deliveries: Deliveries
  readonly #publisher: Publisher

  constructor(connection: AmqpConnection, channel: ClientChannel) {
    this.#connection = connection
    this.#channel = channel
    this.#deliveries = new Deliveries(channel, {
      report: (notice) => connection.report(notice),
      isAutoDelete: (queue) => connection.autoDeleteQueues.has(queue),
    })
    this.#publisher = new Publisher(connection.publisherParts())
  }

  get closed(): Promise<MessagingError | undefined> {
    return this.#channel.closed
  }

  // --- exchanges

  /** @throws {UnsupportedError} the broker has no such type of exchange. */
  declareExchange(declaration: ExchangeDeclaration, options: OperationOptions): Promise<void> {
    // RabbitMQ ends the whole connection at a type that it does not know.
    return isStandardType(declaration.type) || declaration.passive
      ? this.#ask((channel) => channel.declareExchange(declaration), options)
      : this.#connection.declareElsewhere(declaration, options)
  }

  deleteExchange(name: string, options: DeleteOptions): Promise<void> {
    return this.#ask((channel) => channel.deleteExchange(name, options), options)
  }

  bindExchange(binding: BindingDeclaration, options: OperationOptions): Promise<void> {
    return this.#ask((channel) => channel.bindExchange(binding), options)
  }

  unbindExchange(binding: BindingDeclaration, options: OperationOptions): Promise<void> {
    return this.#ask((channel) => channel.unbindExchange(binding), options)
  }

  // --- queues

  async declareQueue(
    declaration: QueueDeclaration,
    options: OperationOptions,
  ): Promise<QueueStatus> {
    const status = await this.#ask((channel) => channel.declareQueue(declaration), options)
    if (declaration.autoDelete && !declaration.passive) {
      this.#connection.autoDeleteQueues.add(status.queue)
    }
    return status
  }

  bindQueue(binding: BindingDeclaration, options: OperationOptions): Promise<void> {
    return this.#ask((channel) => channel.bindQueue(binding), options)
  }

  unbindQueue(binding: BindingDeclaration, options: OperationOptions): Promise<void> {
    return this.#ask((channel) => channel.unbindQueue(binding), options)
  }

  /** A queue that is not there has nothing to remove. */
  async purgeQueue(queue: string, options: OperationOptions): Promise<number> {
    try {
      return await this.#ask((channel) => channel.purgeQueue(queue), options)
    } catch (error) {
      if (error instanceof ChannelError && error.code === 'NOT_FOUND') return 0
      throw error
    }
  }

  deleteQueue(queue: string, options: DeleteOptions): Promise<number> {
    this.#connection.autoDeleteQueues.delete(queue)
    return this.#ask((channel) => channel.deleteQueue(queue, options), options)
  }

  #ask<T>(question: (channel: ClientChannel) => Promise<T>, options: OperationOptions): Promise<T> {
    return within(this.#connection.control.ask(question), options)
  }

  // --- messages out

  publish(message: OutgoingMessage): Promise<void> {
    return this.#publisher.publish(message)
  }

  // --- messages in

  consume(queue: string, sink: DeliverySink, options: ConsumeOptions): Promise<void> {
    return within(this.#deliveries.consume(queue, sink, options), options)
  }

  cancel(consumerTag: string, options: OperationOptions): Promise<void> {
    return within(this.#deliveries.cancel(consumerTag), options)
  }

  get(
    queue: string,
    options: OperationOptions & { readonly noAck: boolean },
  ): Promise<Delivery | undefined> {
    return within(this.#deliveries.get(queue, options.noAck), options)
  }

  settle(handle: number, outcome: Outcome, options: { readonly multiple: boolean }): void {
    this.#deliveries.settle(handle, outcome, options.multiple)
  }

  settled(options: OperationOptions): Promise<number> {
    return within(this.#deliveries.settled(), options)
  }

  qos(prefetchCount: number, options: OperationOptions): Promise<void> {
    return within(this.#deliveries.limit(prefetchCount), options)
  }

  flow(active: boolean, options: OperationOptions): Promise<void> {
    return within(this.#deliveries.flow(active), options)
  }

  recover(options: OperationOptions): Promise<void> {
    return within(this.#deliveries.recover(), options)
  }

  /** The broker gives back what is unsettled, as soon as the channel is gone. */
  close(options: OperationOptions): Promise<void> {
    return within(this.#close(), options)
  }

  async #close(): Promise<void> {
    this.#deliveries.flush()
    await this.#publisher.finish()
    await this.#channel.close()
  }

  /** The broker ended the channel, and what was published on it is still to be confirmed. */
  async retire(): Promise<void> {
    await this.#publisher.finish()
  }

  /** The connection is gone. */
  end(error: MessagingError): void {
    this.#publisher.close(error)
  }
}
