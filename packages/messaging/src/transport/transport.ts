/**
 * The native door: what a transport implements when its broker speaks AMQP's model.
 *
 * A transport is dumb. It never reconnects, never replays, never retries: the supervisor around it
 * does that once for all. It keeps every promise within the `signal` it is given.
 */
import type {
  BindingDeclaration,
  DeleteOptions,
  ExchangeDeclaration,
  QueueDeclaration,
  QueueStatus,
} from '../entity/declaration.ts'
import type { MessagingError } from '../errors.ts'
import type { IncomingMessage, OutgoingMessage } from '../message/envelope.ts'
import type { OperationOptions } from '../operation-options.ts'
import type { Capabilities } from './capabilities.ts'

/** Where a transport connects to. `password` is never printed. */
export interface BrokerAddress {
  /** The URL scheme that leads here, e.g. `redis`, `amqps`, `sqla+sqlite`. */
  readonly scheme: string
  readonly hostname: string | undefined
  readonly port: number | undefined
  readonly userid: string | undefined
  readonly password: string | undefined
  readonly virtualHost: string | undefined
}

/** How to open a connection. */
export interface ConnectOptions extends OperationOptions {
  /** Told of what went wrong without ending anything, e.g. a setting of the broker that risks messages. */
  readonly report?: ((notice: MessagingError) => void) | undefined
  /** Deadline of every `publish()`, from when the transport was given the message. */
  readonly publishTimeoutMs: number
  /** Told how many messages the broker has confirmed, in batches. */
  readonly onConfirmed?: ((count: number) => void) | undefined
}

/** A way to reach one broker. A value: holds options, no connection. */
export interface Transport {
  /** The technology, e.g. `redis`. Appears in errors. */
  readonly name: string
  readonly capabilities: Capabilities
  readonly address: BrokerAddress
  /**
   * Opens one connection and proves that it works (credentials included).
   *
   * @throws {ConnectionError} `CONNECTION_REFUSED`, `ACCESS_REFUSED`; `signal.reason` if aborted first.
   */
  connect(options: ConnectOptions): Promise<TransportConnection>
}

/** One living connection. Ends once; never comes back. */
export interface TransportConnection {
  /** Settles when the connection has ended: with the error if it was lost, `undefined` after `close()`. Never rejects. */
  readonly closed: Promise<MessagingError | undefined>
  openChannel(options: OperationOptions): Promise<TransportChannel>
  /** Graceful, idempotent. Releases what is held, then ends. */
  close(options: OperationOptions): Promise<void>
  /** Ends at once, without goodbye. Kombu's `collect()`. */
  destroy(error?: MessagingError): void
}

/** One delivery. `handle` settles it, on the channel that delivered it only. */
export interface Delivery {
  /** Ascending per channel, so that `multiple` means "this and all before". 0 = needs no settling. */
  readonly handle: number
  readonly consumerTag: string | undefined
  readonly queue: string
  readonly message: IncomingMessage
}

/** What a transport tells a consumer. Called synchronously, in order of delivery. */
export interface DeliverySink {
  onDelivery(delivery: Delivery): void
  /** The broker ended the consumer: its queue was deleted or became unreadable. */
  onCancelled(error: MessagingError): void
}

/** Arguments of `basic.consume`. */
export interface ConsumeOptions extends OperationOptions {
  readonly consumerTag: string
  readonly noAck: boolean
  readonly exclusive: boolean
  readonly arguments: Readonly<Record<string, unknown>>
}

/** What becomes of a delivery. `release` is a requeue by a consumer that goes away: next to be delivered. */
export type Outcome = 'ack' | 'reject' | 'requeue' | 'release'

/** A lightweight conversation on a connection: AMQP's channel. */
export interface TransportChannel {
  /** Settles when the channel has ended, as `TransportConnection.closed`. */
  readonly closed: Promise<MessagingError | undefined>

  declareExchange(declaration: ExchangeDeclaration, options: OperationOptions): Promise<void>
  deleteExchange(name: string, options: DeleteOptions): Promise<void>
  bindExchange(binding: BindingDeclaration, options: OperationOptions): Promise<void>
  unbindExchange(binding: BindingDeclaration, options: OperationOptions): Promise<void>

  declareQueue(declaration: QueueDeclaration, options: OperationOptions): Promise<QueueStatus>
  bindQueue(binding: BindingDeclaration, options: OperationOptions): Promise<void>
  unbindQueue(binding: BindingDeclaration, options: OperationOptions): Promise<void>
  /** @returns the number of messages removed. */
  purgeQueue(queue: string, options: OperationOptions): Promise<number>
  /** @returns the number of messages that went with it. */
  deleteQueue(queue: string, options: DeleteOptions): Promise<number>

  /**
   * Resolves when the broker has the message. Always settles within the connection's `publishTimeoutMs`.
   *
   * @throws {PublishError} it definitely does not; {OutcomeUnknownError} it may.
   */
  publish(message: OutgoingMessage): Promise<void>

  consume(queue: string, sink: DeliverySink, options: ConsumeOptions): Promise<void>
  cancel(consumerTag: string, options: OperationOptions): Promise<void>
  /** `basic.get`: one message, or `undefined` when the queue is empty. */
  get(
    queue: string,
    options: OperationOptions & { readonly noAck: boolean },
  ): Promise<Delivery | undefined>

  /** Settles one delivery, or with `multiple` it and all unsettled ones before. Synchronous; written with its neighbours. */
  settle(handle: number, outcome: Outcome, options: { readonly multiple: boolean }): void
  /**
   * Resolves when the broker knows of everything settled so far.
   *
   * @returns the number of settlements since the last call that came too late (their lease was gone).
   */
  settled(options: OperationOptions): Promise<number>

  /** At most `prefetchCount` unsettled deliveries for this channel; 0 = no limit. */
  qos(prefetchCount: number, options: OperationOptions): Promise<void>
  /** Pauses (`false`) or resumes (`true`) deliveries to this channel. */
  flow(active: boolean, options: OperationOptions): Promise<void>
  /** Gives every unsettled delivery back, to be delivered again. */
  recover(options: OperationOptions): Promise<void>
  close(options: OperationOptions): Promise<void>
}
