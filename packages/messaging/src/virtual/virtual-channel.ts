/** AMQP's channel over a queue store: what is declared and published. What is delivered: `VirtualDeliveries`. */
import type {
  BindingDeclaration,
  DeleteOptions,
  ExchangeDeclaration,
  QueueDeclaration,
  QueueStatus,
} from '../entity/declaration.ts'
import { ChannelError, type MessagingError, UnsupportedError } from '../errors.ts'
import type { OutgoingMessage } from '../message/envelope.ts'
import type {
  ConsumeOptions,
  Delivery,
  DeliverySink,
  Outcome,
  TransportChannel,
} from '../transport/transport.ts'
import { checkBinding } from './route.ts'
import type { VirtualConnection } from './virtual-connection.ts'
import { VirtualDeliveries } from './virtual-deliveries.ts'

/** One channel. See `TransportChannel` for the contracts. */
export class VirtualChannel implements TransportChannel {
  readonly #connection: VirtualConnection
  readonly #deliveries: VirtualDeliveries
  readonly #ended = Promise.withResolvers<MessagingError | undefined>()
  #closing: Promise<void> | undefined

  constructor(connection: VirtualConnection) {
    this.#connection = connection
    this.#deliveries = new VirtualDeliveries(connection, (error) => this.#ended.resolve(error))
    void connection.closed.then((error) => this.#ended.resolve(error))
  }

  get closed(): Promise<MessagingError | undefined> {
    return this.#ended.promise
  }

  // --- exchanges

  async declareExchange(declaration: ExchangeDeclaration): Promise<void> {
    const { topology, bindings } = this.#connection
    const { name, passive } = declaration
    if (passive) {
      if ((topology.exchangeType(name) ?? (await bindings.exchangeType(name))) === undefined)
        throw noExchange(name)
      return
    }
    const recorded = await bindings.exchangeType(name)
    if (recorded !== undefined && recorded !== declaration.type)
      throw otherType(declaration, recorded)
    topology.addExchange(declaration)
    await bindings.declareExchange(name, declaration.type)
  }

  async deleteExchange(name: string, options: DeleteOptions): Promise<void> {
    const { topology, bindings } = this.#connection
    if (options.ifUnused && (await bindings.lookup(name)).length > 0)
      throw inUse(`exchange "${name}"`, 'queues are bound to it')
    topology.removeExchange(name)
    await bindings.removeExchange(name)
  }

  async bindExchange(binding: BindingDeclaration): Promise<void> {
    throw this.#noExchangeBindings(binding)
  }

  async unbindExchange(binding: BindingDeclaration): Promise<void> {
    throw this.#noExchangeBindings(binding)
  }

  // --- queues

  async declareQueue(declaration: QueueDeclaration): Promise<QueueStatus> {
    const { session, topology } = this.#connection
    const queue = declaration.name || `amq.gen-${crypto.randomUUID()}`
    if (declaration.passive) return await this.#inspectQueue(queue)
    const messageCount = await session.declareQueue(queue, declaration.arguments, declaration)
    topology.addQueue({ ...declaration, name: queue })
    return { queue, messageCount, consumerCount: this.#deliveries.consumerCount(queue) }
  }

  async #inspectQueue(queue: string): Promise<QueueStatus> {
    const known = this.#connection.topology.queue(queue) !== undefined
    const messageCount =
      (await this.#connection.session.inspectQueue(queue)) ?? (known ? 0 : undefined)
    if (messageCount === undefined) throw noQueue(queue)
    return { queue, messageCount, consumerCount: this.#deliveries.consumerCount(queue) }
  }

  async bindQueue(binding: BindingDeclaration): Promise<void> {
    const { topology, bindings, settings } = this.#connection
    const exchangeType = await this.#exchangeType(binding.exchange)
    if (exchangeType === undefined) throw noExchange(binding.exchange)
    const stored = topology.storedBinding(binding, exchangeType)
    checkBinding(stored, settings)
    await bindings.bind(stored)
    topology.addBinding(stored)
  }

  async unbindQueue(binding: BindingDeclaration): Promise<void> {
    const { topology, bindings } = this.#connection
    const exchangeType = (await this.#exchangeType(binding.exchange)) ?? 'direct'
    const stored = topology.storedBinding(binding, exchangeType)
    await bindings.unbind(stored)
    topology.removeBinding(stored)
  }

  /** As declared here, or by anybody else where the bindings are shared. */
  async #exchangeType(name: string): Promise<string | undefined> {
    const { topology, bindings } = this.#connection
    const exchange = name || 'amq.direct'
    return topology.exchangeType(exchange) ?? (await bindings.exchangeType(exchange))
  }

  purgeQueue(queue: string): Promise<number> {
    return this.#connection.session.purgeQueue(queue)
  }

  async deleteQueue(queue: string, options: DeleteOptions): Promise<number> {
    const messageCount = (await this.#connection.session.inspectQueue(queue)) ?? 0
    if (options.ifEmpty && messageCount > 0)
      throw inUse(`queue "${queue}"`, `it holds ${messageCount} messages`)
    if (options.ifUnused && this.#connection.isConsumed(queue))
      throw inUse(`queue "${queue}"`, 'it has consumers')
    return await this.#connection.forgetQueue(queue)
  }

  // --- messages out

  publish(message: OutgoingMessage): Promise<void> {
    return this.#connection.publisher.publish(message)
  }

  // --- messages in

  consume(queue: string, sink: DeliverySink, options: ConsumeOptions): Promise<void> {
    return this.#deliveries.consume(queue, sink, options)
  }

  cancel(consumerTag: string): Promise<void> {
    return this.#deliveries.cancel(consumerTag)
  }

  get(queue: string, options: { readonly noAck: boolean }): Promise<Delivery | undefined> {
    return this.#deliveries.get(queue, options)
  }

  settle(handle: number, outcome: Outcome, options: { readonly multiple: boolean }): void {
    this.#deliveries.settle(handle, outcome, options)
  }

  settled(): Promise<number> {
    return this.#deliveries.settled()
  }

  async qos(prefetchCount: number): Promise<void> {
    this.#deliveries.limit(prefetchCount)
  }

  async flow(active: boolean): Promise<void> {
    this.#deliveries.flow(active)
  }

  async recover(): Promise<void> {
    this.#deliveries.releaseAll()
    await this.settled()
  }

  close(): Promise<void> {
    this.#closing ??= this.#deliveries.close().finally(() => this.#ended.resolve(undefined))
    return this.#closing
  }

  // --- what the connection asks

  wake(): void {
    this.#deliveries.wake()
  }

  consumesFrom(queue: string): boolean {
    return this.#deliveries.consumerCount(queue) > 0
  }

  discard(queue: string): void {
    this.#deliveries.discard(queue)
  }

  queueDeleted(queue: string): void {
    this.#deliveries.queueDeleted(queue)
  }

  #noExchangeBindings(binding: BindingDeclaration): UnsupportedError {
    return new UnsupportedError(
      `Cannot bind exchange "${binding.destination}" to exchange "${binding.exchange}": ` +
        `transport "${this.#connection.store.name}" has no exchange-to-exchange bindings. Bind queues instead`,
    )
  }
}

function noQueue(queue: string): ChannelError {
  return new ChannelError(
    'NOT_FOUND',
    `There is no queue "${queue}". Declare it, or check the name and the virtual host`,
  )
}

function noExchange(name: string): ChannelError {
  return new ChannelError(
    'NOT_FOUND',
    `There is no exchange "${name}" known to this connection. Declare it before binding to it`,
  )
}

function otherType(declaration: ExchangeDeclaration, recorded: string): ChannelError {
  return new ChannelError(
    'PRECONDITION_FAILED',
    `Cannot declare exchange "${declaration.name}" with type "${declaration.type}": it exists with type "${recorded}"`,
  )
}

function inUse(thing: string, reason: string): ChannelError {
  return new ChannelError('PRECONDITION_FAILED', `Cannot delete ${thing}: ${reason}`)
}
