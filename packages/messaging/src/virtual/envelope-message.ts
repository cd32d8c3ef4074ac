/** A message read out of an envelope, part by part, when asked. */
import type { MessagingError } from '../errors.ts'
import type {
  EncodedBody,
  IncomingMessage,
  MessageHeaders,
  MessageProperties,
} from '../message/envelope.ts'
import { readProperties } from './property-names.ts'

/** A JSON object. */
export type JsonRecord = Readonly<Record<string, unknown>>

/** The parsed text, its needed parts checked: Kombu accepts nothing less. */
export interface Envelope extends JsonRecord {
  readonly properties: JsonRecord & { readonly delivery_info: JsonRecord }
}

/** What the virtual layer knows of a message. */
export interface VirtualMessage extends IncomingMessage {
  /** The wire's `expiration`, without reading the other properties. */
  readonly expiration: unknown
  /** Counted once it is known for whom the message is. */
  missedCount: number
}

const nothing: JsonRecord = Object.freeze({})

/** Wraps an envelope. Nothing is copied or decoded before somebody looks. */
export class EnvelopeMessage implements VirtualMessage {
  readonly #envelope: Envelope
  readonly #queue: string
  #properties: MessageProperties | undefined
  /** Broadcasts known to be missing just before this one. */
  missedCount = 0

  constructor(envelope: Envelope, queue: string) {
    this.#envelope = envelope
    this.#queue = queue
  }

  get exchange(): string {
    return asText(this.#info['exchange']) ?? ''
  }

  get routingKey(): string {
    return asText(this.#info['routing_key']) ?? this.#queue
  }

  get contentType(): string | undefined {
    return asText(this.#envelope['content-type'])
  }

  get contentEncoding(): string | undefined {
    return asText(this.#envelope['content-encoding'])
  }

  get headers(): MessageHeaders {
    return asRecord(this.#envelope['headers'])
  }

  get properties(): MessageProperties {
    this.#properties ??= readProperties(this.#envelope.properties)
    return this.#properties
  }

  get expiration(): unknown {
    return this.#envelope.properties['expiration']
  }

  get body(): EncodedBody {
    const data = this.#envelope['body']
    if (data instanceof Uint8Array) return { data, encoding: 'bytes' }
    const isBase64 = this.#envelope.properties['body_encoding'] === 'base64'
    if (typeof data === 'string') return { data, encoding: isBase64 ? 'base64' : 'utf-8' }
    return {
      data: data === undefined || data === null ? '' : JSON.stringify(data),
      encoding: 'utf-8',
    }
  }

  get deliveryTag(): string {
    return asText(this.#envelope.properties['delivery_tag']) ?? ''
  }

  /** In any of the three places where Kombu says so. */
  get redelivered(): boolean {
    return (
      this.#envelope['redelivered'] === true ||
      this.#info['redelivered'] === true ||
      this.headers['redelivered'] === true
    )
  }

  /** What else the sender or the broker tells about the delivery. */
  get deliveryInfo(): JsonRecord {
    const { exchange: _, routing_key: __, redelivered: ___, ...extra } = this.#info
    return extra
  }

  get #info(): JsonRecord {
    return this.#envelope.properties.delivery_info
  }
}

/** A queue item that is no message: never dropped, and ends nothing. `body` is the item as it is. */
export function foreignMessage(
  payload: Uint8Array | string,
  queue: string,
  defect: MessagingError,
): VirtualMessage {
  return {
    exchange: '',
    routingKey: queue,
    contentType: 'application/data',
    contentEncoding: 'binary',
    headers: nothing,
    properties: nothing,
    expiration: undefined,
    body: { data: payload, encoding: typeof payload === 'string' ? 'utf-8' : 'bytes' },
    deliveryTag: '',
    redelivered: false,
    deliveryInfo: nothing,
    missedCount: 0,
    defect,
  }
}

/** True for what JSON calls an object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The object, or an empty one for anything else. */
export function asRecord(value: unknown): JsonRecord {
  return isRecord(value) ? value : nothing
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
