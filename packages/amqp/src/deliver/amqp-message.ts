/** A message out of its frames, part by part, when asked. */
import type {
  EncodedBody,
  IncomingMessage,
  MessageHeaders,
  MessageProperties,
  MessagingError,
} from '@dashi/messaging/transport'
import { basicGetOk, type Content } from '../wire/content.ts'
import { type ContentHeader, readContentHeader } from '../wire/properties.ts'

/** Where the fields behind the delivery tag are. `basic.get-ok` has no consumer tag before it. */
export function deliveryTagAt(content: Content): number {
  return content.method === basicGetOk ? 0 : 1 + content.fields.readUInt8(0)
}

/** The number of a delivery on its channel. */
export function deliveryTagOf(content: Content): number {
  const at = deliveryTagAt(content)
  return content.fields.readUInt32BE(at) * 2 ** 32 + content.fields.readUInt32BE(at + 4)
}

/** Whom a delivery is for. */
export function consumerTagOf({ fields }: Content): string {
  return fields.toString('utf8', 1, 1 + fields.readUInt8(0))
}

/** Wraps the frames. Nothing is decoded or copied before somebody looks. */
export class AmqpMessage implements IncomingMessage {
  readonly deliveryTag: number
  /** RabbitMQ numbers no broadcasts. */
  readonly missedCount = 0
  readonly #content: Content
  readonly #at: number
  #header: ContentHeader | undefined

  constructor(content: Content, deliveryTag: number) {
    this.#content = content
    this.deliveryTag = deliveryTag
    this.#at = deliveryTagAt(content) + 8
  }

  get redelivered(): boolean {
    return this.#content.fields[this.#at] === 1
  }

  get exchange(): string {
    return this.#text(this.#at + 1)
  }

  get routingKey(): string {
    const { fields } = this.#content
    return this.#text(this.#at + 2 + fields.readUInt8(this.#at + 1))
  }

  get contentType(): string | undefined {
    return this.#read().contentType
  }

  get contentEncoding(): string | undefined {
    return this.#read().contentEncoding
  }

  get headers(): MessageHeaders {
    return this.#read().headers
  }

  get properties(): MessageProperties {
    return this.#read().properties
  }

  get body(): EncodedBody {
    return { data: this.#content.body, encoding: 'bytes' }
  }

  /** As Kombu: a message that was asked for says how many are left. */
  get deliveryInfo(): Readonly<Record<string, unknown>> {
    const { deliveryTag } = this
    return this.#content.method === basicGetOk
      ? {
          deliveryTag,
          messageCount: this.#content.fields.readUInt32BE(this.#content.fields.length - 4),
        }
      : { deliveryTag }
  }

  /** Headers that cannot be read: the message is set aside with its body as it came. */
  // Undefined is what the interface means by a missing one; the class cannot leave it out.
  get defect(): MessagingError {
    return this.#read().defect as MessagingError
  }

  #read(): ContentHeader {
    this.#header ??= readContentHeader(this.#content.header)
    return this.#header
  }

  #text(at: number): string {
    const { fields } = this.#content
    return fields.toString('utf8', at + 1, at + 1 + fields.readUInt8(at))
  }
}
