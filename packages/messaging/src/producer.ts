/** Sends messages: encode, compress, declare what is needed, publish, and know the outcome. */
import type { SerializedBody } from './codec/codec-registry.ts'
import type { Channel } from './connection/channel.ts'
import { type RetryPolicy, retryOverTime } from './connection/retry.ts'
import type { SupervisedConnection } from './connection/supervised-connection.ts'
import { type DeliveryMode, deliveryModeNumber } from './entity/delivery-mode.ts'
import { Exchange } from './entity/exchange.ts'
import { Queue } from './entity/queue.ts'
import { ConnectionError, OutcomeUnknownError, PublishError } from './errors.ts'
import { type Declarable, isDeclared, maybeDeclare } from './maybe-declare.ts'
import type { MessageHeaders, OutgoingMessage } from './message/envelope.ts'
import type { OperationOptions } from './operation-options.ts'

/** Options of a producer: defaults for its messages. */
export interface ProducerOptions {
  /** Where to publish. Default: the default exchange, which leads to the queue named by the routing key. */
  readonly exchange?: Exchange | string | undefined
  /** Default ''. */
  readonly routingKey?: string | undefined
  /** Name of the serializer. Default: bytes and text as they are, anything else as JSON. */
  readonly serializer?: string | undefined
  /** Name of the compression method. Default: none. */
  readonly compression?: string | undefined
  /** Declare the exchange before its first use. Default true. */
  readonly autoDeclare?: boolean | undefined
  /** Receives messages that no queue took, which otherwise reject their `publish()`. */
  readonly onReturn?: ReturnHandler | undefined
  /** Channel to publish on. Default: the connection's own. */
  readonly channel?: Channel | undefined
}

/** Told of a message that no queue took. */
export type ReturnHandler = (error: PublishError, message: OutgoingMessage) => void

/** Options of one message. */
export interface PublishOptions extends OperationOptions {
  readonly exchange?: Exchange | string | undefined
  readonly routingKey?: string | undefined
  /** Default: the exchange's, else persistent. */
  readonly deliveryMode?: DeliveryMode | undefined
  /**
   * Reject when no queue takes the message. Default true, and false for fanout exchanges: a broadcast that nobody
   * listens to is not a loss.
   */
  readonly mandatory?: boolean | undefined
  /** 0–255. Which end is served first is the transport's: see its page. Default 0. */
  readonly priority?: number | undefined
  /** With it the body is not serialized: text is encoded, bytes go as they are. */
  readonly contentType?: string | undefined
  readonly contentEncoding?: string | undefined
  readonly serializer?: string | undefined
  readonly compression?: string | undefined
  readonly headers?: MessageHeaders | undefined
  /** Milliseconds after which the message is worthless. */
  readonly expirationMs?: number | undefined
  /** Declared before publishing, once per connection. */
  readonly declare?: readonly Declarable[] | undefined
  /** Publish again when the connection fails, also when the outcome is unknown: the message may then arrive twice. Default false. */
  readonly retry?: boolean | undefined
  readonly retryPolicy?: RetryPolicy | undefined
  /** Deadline of the confirmation. Default: the connection's `operationTimeoutMs`. */
  readonly timeoutMs?: number | undefined
  readonly correlationId?: string | undefined
  /** Where answers go. */
  readonly replyTo?: string | Queue | undefined
  readonly messageId?: string | undefined
  /** Unix time in seconds. */
  readonly timestamp?: number | undefined
  readonly type?: string | undefined
  readonly userId?: string | undefined
  readonly appId?: string | undefined
  /** Further properties, carried as they are by virtual transports. */
  readonly properties?: Readonly<Record<string, unknown>> | undefined
}

const defaultExchange = new Exchange()

/**
 * Publishes to an exchange. Cheap to make; holds no resources of its own.
 *
 * @example
 * await connection.producer({ exchange: heartbeats }).publish({ ip: '10.0.0.7' })
 */
export class Producer {
  readonly exchange: Exchange | string
  readonly #connection: SupervisedConnection
  readonly #options: ProducerOptions

  constructor(connection: SupervisedConnection, options: ProducerOptions = {}) {
    this.#connection = connection
    this.#options = options
    this.exchange = options.exchange ?? defaultExchange
  }

  get connection(): SupervisedConnection {
    return this.#connection
  }

  get channel(): Channel {
    return this.#options.channel ?? this.#connection.defaultChannel
  }

  /**
   * Publishes one message and resolves when the broker has it.
   *
   * @param body Anything the serializer accepts; bytes and text are sent as they are.
   * @throws {PublishError} `UNROUTABLE`, `REFUSED`, `TOO_LARGE`: the broker does not have it; {OutcomeUnknownError}: it may;
   * {ConnectionError}: there was no connection in time; {EncodeError}.
   * @example
   * await producer.publish({ id: 7 }, { routingKey: 'orders.new' })
   */
  publish(body: unknown, options: PublishOptions = noOptions): Promise<void> {
    try {
      const exchange = options.exchange ?? this.exchange
      const isSimple =
        options === noOptions ||
        (!options.retry && options.timeoutMs === undefined && options.signal === undefined)
      if (!isSimple || this.#undeclared(exchange, options).length > 0)
        return this.#publishCarefully(body, options)
      return this.#send(this.#message(body, exchange, options), undefined)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** Declares the exchange now. */
  async declare(options?: OperationOptions): Promise<void> {
    if (this.exchange instanceof Exchange) await this.maybeDeclare(this.exchange, options)
  }

  /** Declares an entity unless this connection has already. @returns whether it declared. */
  maybeDeclare(entity: Declarable, options?: OperationOptions): Promise<boolean> {
    return maybeDeclare(entity, { connection: this.#connection, channel: this.channel }, options)
  }

  async #publishCarefully(body: unknown, options: PublishOptions): Promise<void> {
    if (!options.retry) return await this.#declareAndSend(body, options)
    const policy = { signal: options.signal, ...options.retryPolicy }
    await retryOverTime(() => this.#declareAndSend(body, options), isConnectionFailure, policy)
  }

  async #declareAndSend(body: unknown, options: PublishOptions): Promise<void> {
    const exchange = options.exchange ?? this.exchange
    const { signal, timeoutMs } = options
    for (const entity of this.#undeclared(exchange, options))
      await this.maybeDeclare(entity, { signal })
    const deadline =
      signal === undefined && timeoutMs === undefined ? undefined : { signal, timeoutMs }
    await this.#send(this.#message(body, exchange, options), deadline)
  }

  #send(
    message: OutgoingMessage,
    deadline: { signal: AbortSignal | undefined; timeoutMs: number | undefined } | undefined,
  ): Promise<void> {
    const sent = this.channel.publish(message, deadline)
    const { onReturn } = this.#options
    return onReturn ? sent.catch((error: unknown) => handReturn(error, message, onReturn)) : sent
  }

  /** What the message needs and this connection has not declared yet. */
  #undeclared(exchange: Exchange | string, options: PublishOptions): readonly Declarable[] {
    const { declare, replyTo } = options
    const isOwn =
      exchange instanceof Exchange && exchange.isDeclarable && (this.#options.autoDeclare ?? true)
    if (!declare && !(replyTo instanceof Queue)) {
      return isOwn && !isDeclared(exchange, this.#connection) ? [exchange] : nothing
    }
    const wanted: Declarable[] = [
      ...(declare ?? []),
      ...(isOwn ? [exchange] : []),
      ...(replyTo instanceof Queue ? [replyTo] : []),
    ]
    return wanted.filter((entity) => !isDeclared(entity, this.#connection))
  }

  #message(body: unknown, exchange: Exchange | string, options: PublishOptions): OutgoingMessage {
    const serialized = this.#serialize(body, options)
    const method = options.compression ?? this.#options.compression
    const message = {
      exchange: typeof exchange === 'string' ? exchange : exchange.name,
      routingKey: options.routingKey ?? this.#options.routingKey ?? '',
      contentType: serialized.contentType,
      contentEncoding: serialized.contentEncoding,
      headers: options.headers ?? noHeaders,
      properties:
        options === noOptions ? usualProperties(exchange) : propertiesOf(exchange, options),
      body: serialized.body,
      mandatory: options.mandatory ?? !this.#isFanout(exchange),
    }
    return method === undefined ? message : this.#compressed(message, method)
  }

  #isFanout(exchange: Exchange | string): boolean {
    const type = typeof exchange === 'string' ? this.channel.exchangeType(exchange) : exchange.type
    return type === 'fanout'
  }

  #serialize(body: unknown, options: PublishOptions): SerializedBody {
    const { contentType, contentEncoding } = options
    if (contentType !== undefined) return unserialized(body, contentType, contentEncoding)
    const { codecs } = this.#connection.settings
    return codecs.dumps(body, options.serializer ?? this.#options.serializer)
  }

  #compressed(message: OutgoingMessage, method: string): OutgoingMessage {
    const compressed = this.#connection.settings.codecs.compress(message.body, method)
    const headers = { ...message.headers, compression: compressed.contentType }
    return { ...message, headers, body: compressed.body }
  }
}

const noOptions: PublishOptions = Object.freeze({})
const nothing: readonly never[] = Object.freeze([])
const noHeaders: MessageHeaders = Object.freeze({})
const transient: OutgoingMessage['properties'] = Object.freeze({ deliveryMode: 1, priority: 0 })
const persistent: OutgoingMessage['properties'] = Object.freeze({ deliveryMode: 2, priority: 0 })

function unserialized(
  body: unknown,
  contentType: string,
  contentEncoding: string | undefined,
): SerializedBody {
  if (body instanceof Uint8Array)
    return { contentType, contentEncoding: contentEncoding ?? 'binary', body }
  if (typeof body === 'string')
    return { contentType, contentEncoding: contentEncoding ?? 'utf-8', body }
  throw new TypeError(
    `A body published with contentType "${contentType}" must be text or bytes, got ${typeof body}. Serialize it first, or leave contentType out`,
  )
}

/** What `propertiesOf()` makes of no options. */
function usualProperties(exchange: Exchange | string): OutgoingMessage['properties'] {
  return typeof exchange !== 'string' && exchange.deliveryMode === 1 ? transient : persistent
}

function propertiesOf(
  exchange: Exchange | string,
  options: PublishOptions,
): OutgoingMessage['properties'] {
  const { correlationId, replyTo, messageId, timestamp, type, userId, appId, expirationMs } =
    options
  const own = typeof exchange === 'string' ? undefined : exchange.deliveryMode
  const deliveryMode =
    options.deliveryMode === undefined ? (own ?? 2) : deliveryModeNumber(options.deliveryMode)
  const properties: Record<string, unknown> = {
    ...options.properties,
    deliveryMode,
    priority: options.priority ?? 0,
  }
  if (correlationId !== undefined) properties['correlationId'] = correlationId
  if (replyTo !== undefined)
    properties['replyTo'] = typeof replyTo === 'string' ? replyTo : replyTo.name
  if (messageId !== undefined) properties['messageId'] = messageId
  if (timestamp !== undefined) properties['timestamp'] = timestamp
  if (type !== undefined) properties['type'] = type
  if (userId !== undefined) properties['userId'] = userId
  if (appId !== undefined) properties['appId'] = appId
  if (expirationMs !== undefined) properties['expiration'] = String(Math.trunc(expirationMs))
  return properties
}

function handReturn(error: unknown, message: OutgoingMessage, onReturn: ReturnHandler): void {
  if (!(error instanceof PublishError) || error.code !== 'UNROUTABLE') throw error
  onReturn(error, message)
}

/** Worth another try: the way to the broker failed. */
export function isConnectionFailure(error: unknown): error is Error {
  return (
    error instanceof OutcomeUnknownError ||
    (error instanceof ConnectionError &&
      error.code !== 'CONNECTION_CLOSED' &&
      error.code !== 'ACCESS_REFUSED')
  )
}
