/** A message as a consumer sees it. */
import type { CodecRegistry } from '../codec/codec-registry.ts'
import { MessageStateError, type MessagingError } from '../errors.ts'
import type { OperationOptions } from '../operation-options.ts'
import { bodyBytes, originalBytes } from './body.ts'
import type { IncomingMessage, MessageHeaders, MessageProperties } from './envelope.ts'
import type { MessageState } from './message-state.ts'

/** The channel's side of a message: settles it, and knows whether it is still ours. */
export interface MessageSource {
  settle(
    handle: number,
    outcome: 'ack' | 'reject' | 'requeue',
    options: { readonly multiple: boolean },
  ): void
  /** @throws {LeaseLostError} when a settlement came too late. */
  settled(options?: OperationOptions): Promise<void>
  /** Aborts when the deliveries of this connection are no longer ours. */
  readonly signal: AbortSignal
}

/** How a message is read. */
export interface MessageReading {
  readonly codecs: CodecRegistry
  /** Content types accepted; `undefined` = all that are enabled. */
  readonly accept: ReadonlySet<string> | undefined
  /** Most bytes that a compressed body may become. */
  readonly maxBodyBytes: number
}

/** Where a message came from. */
export interface DeliveryInfo {
  readonly exchange: string
  readonly routingKey: string
  readonly redelivered: boolean
  readonly consumerTag: string | undefined
  readonly queue: string
  readonly [extra: string]: unknown
}

/** Everything that makes up a message. For the messaging layer itself. */
export interface MessageParts {
  readonly incoming: IncomingMessage
  readonly handle: number
  readonly queue: string
  readonly consumerTag: string | undefined
  readonly source: MessageSource
  readonly reading: MessageReading
}

interface Lazy<T> {
  readonly value: T
}

/**
 * One delivery. Bytes until asked: `body` decodes base64 and decompresses, `payload` deserializes, both once.
 *
 * Settle exactly once, with `ack()`, `reject()` or `requeue()`; a second time throws `MessageStateError`. A settlement
 * after the connection was lost cannot count (the broker has given the message to somebody else): it is a no-op that
 * `settled()` reports and the connection counts.
 */
export class Message {
  readonly #parts: MessageParts
  #state: MessageState = 'received'
  #body: Lazy<Uint8Array> | undefined
  #payload: Lazy<unknown> | undefined
  #deliveryInfo: DeliveryInfo | undefined

  constructor(parts: MessageParts) {
    this.#parts = parts
  }

  /** Serialized bytes, decompressed. @throws {DecodeError} not what it says, or larger than the bound. */
  get body(): Uint8Array {
    this.#body ??= { value: this.#readBody() }
    return this.#body.value
  }

  /** The value. @throws {ContentDisallowedError} {DecodeError}, the same each time. */
  get payload(): unknown {
    return this.decode()
  }

  /** Bytes as they came, before decompression: what quarantine keeps. */
  get rawBody(): Uint8Array {
    return originalBytes(this.#parts.incoming.body)
  }

  get contentType(): string | undefined {
    return this.#parts.incoming.contentType
  }

  get contentEncoding(): string | undefined {
    return this.#parts.incoming.contentEncoding
  }

  get headers(): MessageHeaders {
    return this.#parts.incoming.headers
  }

  get properties(): MessageProperties {
    return this.#parts.incoming.properties
  }

  get deliveryTag(): string | number {
    return this.#parts.incoming.deliveryTag
  }

  get deliveryInfo(): DeliveryInfo {
    const { incoming, consumerTag, queue } = this.#parts
    const { exchange, routingKey, redelivered } = incoming
    this.#deliveryInfo ??= {
      ...incoming.deliveryInfo,
      exchange,
      routingKey,
      redelivered,
      consumerTag,
      queue,
    }
    return this.#deliveryInfo
  }

  get redelivered(): boolean {
    return this.#parts.incoming.redelivered
  }

  /** Broadcasts known to be missing just before this one. */
  get missedCount(): number {
    return this.#parts.incoming.missedCount
  }

  get state(): MessageState {
    return this.#state
  }

  /** True once settled. Kombu's `acknowledged`. */
  get acknowledged(): boolean {
    return this.#state !== 'received'
  }

  /** Aborts when the broker takes the message away from us: stop working on it, somebody else will. */
  get signal(): AbortSignal {
    return this.#parts.source.signal
  }

  /** Why this is not a readable message, if it is not. Kombu's `errors`. */
  get errors(): readonly MessagingError[] {
    const { defect } = this.#parts.incoming
    return defect ? [defect] : []
  }

  /** Deserializes, once. */
  decode(): unknown {
    this.#payload ??= { value: this.#decode() }
    return this.#payload.value
  }

  /** Done: the broker forgets it. With `multiple`, all unsettled ones delivered before on this channel too. */
  ack(options: { readonly multiple?: boolean } = {}): void {
    this.#settle('acknowledged', 'ack', options.multiple ?? false)
  }

  /** Given up: dead-lettered where the queue says so, otherwise dropped. With `requeue`, delivered again. */
  reject(options: { readonly requeue?: boolean } = {}): void {
    if (options.requeue) this.requeue()
    else this.#settle('rejected', 'reject', false)
  }

  /** Back into its queue, to be delivered again, to anybody. */
  requeue(): void {
    this.#settle('requeued', 'requeue', false)
  }

  /** `ack()` that reports a failure instead of throwing it. Kombu's `ack_log_error`. */
  ackLogError(log: (error: unknown) => void, options: { readonly multiple?: boolean } = {}): void {
    attempt(() => this.ack(options), log)
  }

  /** `reject()` that reports a failure instead of throwing it. Kombu's `reject_log_error`. */
  rejectLogError(
    log: (error: unknown) => void,
    options: { readonly requeue?: boolean } = {},
  ): void {
    attempt(() => this.reject(options), log)
  }

  /** Resolves when the broker knows of everything settled so far on this channel. @throws {LeaseLostError} it came too late. */
  settled(options?: OperationOptions): Promise<void> {
    return this.#parts.source.settled(options)
  }

  #settle(state: MessageState, outcome: 'ack' | 'reject' | 'requeue', multiple: boolean): void {
    if (this.#state !== 'received') throw settledTwice(this, outcome)
    this.#state = state
    if (this.#parts.handle > 0) this.#parts.source.settle(this.#parts.handle, outcome, { multiple })
  }

  #readBody(): Uint8Array {
    const { incoming, reading } = this.#parts
    if (incoming.defect) throw incoming.defect
    const bytes = bodyBytes(incoming.body)
    const { compression } = incoming.headers
    if (typeof compression !== 'string') return bytes
    return reading.codecs.decompress(bytes, compression, { maxBytes: reading.maxBodyBytes })
  }

  #decode(): unknown {
    const { codecs, accept } = this.#parts.reading
    const { contentType, contentEncoding } = this
    return codecs.loads(this.body, { contentType, contentEncoding, accept })
  }
}

function attempt(settle: () => void, log: (error: unknown) => void): void {
  try {
    settle()
  } catch (error) {
    log(error)
  }
}

function settledTwice(message: Message, outcome: string): MessageStateError {
  return new MessageStateError(
    `Cannot ${outcome} message ${message.deliveryTag || '(no tag)'} of queue "${message.deliveryInfo.queue}": it is already ${message.state}. ` +
      'Settle each message exactly once',
  )
}
