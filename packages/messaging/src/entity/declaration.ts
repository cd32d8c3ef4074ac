/**
 * What is said to a broker to make an exchange, a queue or a binding exist: AMQP's arguments, no I/O.
 */
import type { OperationOptions } from '../operation-options.ts'

/** Arguments of `exchange.declare`. */
export interface ExchangeDeclaration {
  readonly name: string
  readonly type: string
  readonly durable: boolean
  readonly autoDelete: boolean
  readonly passive: boolean
  readonly arguments: Readonly<Record<string, unknown>>
}

/** Arguments of `queue.declare`. An empty name asks the broker for one. */
export interface QueueDeclaration {
  readonly name: string
  readonly durable: boolean
  readonly exclusive: boolean
  readonly autoDelete: boolean
  readonly passive: boolean
  readonly arguments: Readonly<Record<string, unknown>>
}

/** Answer to `queue.declare`. */
export interface QueueStatus {
  readonly queue: string
  readonly messageCount: number
  readonly consumerCount: number
}

/** A queue (or exchange) bound to an exchange. */
export interface BindingDeclaration {
  readonly exchange: string
  /** The queue, or for `bindExchange` the exchange, that receives. */
  readonly destination: string
  readonly routingKey: string
  readonly arguments: Readonly<Record<string, unknown>>
}

/** Conditions of a deletion. */
export interface DeleteOptions extends OperationOptions {
  /** Only when nothing consumes from it (queue), or is bound to it (exchange). */
  readonly ifUnused?: boolean | undefined
  /** Only when it holds no messages. Queues only. */
  readonly ifEmpty?: boolean | undefined
}

/** What entities need of a channel in order to declare themselves. `Channel` is one. */
export interface DeclaringChannel {
  declareExchange(declaration: ExchangeDeclaration, options?: OperationOptions): Promise<void>
  deleteExchange(name: string, options?: DeleteOptions): Promise<void>
  bindExchange(binding: BindingDeclaration, options?: OperationOptions): Promise<void>
  unbindExchange(binding: BindingDeclaration, options?: OperationOptions): Promise<void>
  declareQueue(declaration: QueueDeclaration, options?: OperationOptions): Promise<QueueStatus>
  bindQueue(binding: BindingDeclaration, options?: OperationOptions): Promise<void>
  unbindQueue(binding: BindingDeclaration, options?: OperationOptions): Promise<void>
  /** @returns the number of messages removed. */
  purgeQueue(queue: string, options?: OperationOptions): Promise<number>
  /** @returns the number of messages that went with it. */
  deleteQueue(queue: string, options?: DeleteOptions): Promise<number>
}
