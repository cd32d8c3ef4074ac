import { json } from '../codec/json.ts'
import type { OutgoingMessage } from '../message/envelope.ts'
import { wireName } from './property-names.ts'

/** How bodies are written: base64 (Kombu's default), or as text where they are text. */
export type BodyEncoding = 'base64' | 'utf-8'

const quote = JSON.stringify

/**
 * Writes the text that stands for a message in the queues of virtual transports.
 *
 * Shape (Kombu 5.2–5.6, kombu/transport/virtual/base.py):
 * `{"body": <base64>, "content-encoding", "content-type", "headers": {}, "properties": {"delivery_tag",
 * "delivery_info": {"exchange", "routing_key"}, "body_encoding": "base64", "delivery_mode", "priority", …}}`.
 *
 * What one message has in common with the next, everything but body and tag as a rule, is written once: between
 * two awaited publishes the processor's caches go cold, and each quoted name costs a microsecond.
 */
export class EnvelopeWriter {
  readonly #bodyEncoding: BodyEncoding
  /** What the text between body and tag was written for. */
  #written: Common | undefined
  #between = ''

  constructor(bodyEncoding: BodyEncoding) {
    this.#bodyEncoding = bodyEncoding
  }

  /** Extra properties come before the envelope's own. */
  write(message: OutgoingMessage, deliveryTag: string): string {
    const { body } = message
    const asText = this.#bodyEncoding === 'utf-8' && typeof body === 'string'
    const between = this.#betweenOf(message, asText)
    const text = asText ? quote(body) : `"${base64(body)}"`
    // Joined, not added: a flat text is one object to keep, an added one is as many as it has pieces.
    return ['{"body":', text, between, deliveryTag, '"}}'].join('')
  }

  #betweenOf(message: OutgoingMessage, asText: boolean): string {
    if (!isPlain(message)) return betweenText(message, asText)
    if (this.#written === undefined || !isSame(this.#written, message, asText)) {
      this.#between = betweenText(message, asText)
      this.#written = commonOf(message, asText)
    }
    return this.#between
  }
}

/** What decides over the text between body and tag, if a message is plain. */
interface Common {
  readonly exchange: string
  readonly routingKey: string
  readonly contentType: string
  readonly contentEncoding: string
  readonly deliveryMode: number | undefined
  readonly priority: number | undefined
  readonly asText: boolean
}

function commonOf(message: OutgoingMessage, asText: boolean): Common {
  const { exchange, routingKey, contentType, contentEncoding, properties } = message
  const { deliveryMode, priority } = properties
  return {
    ...{ exchange, routingKey, contentType, contentEncoding },
    ...{ deliveryMode, priority, asText },
  }
}

function isSame(common: Common, message: OutgoingMessage, asText: boolean): boolean {
  return (
    common.routingKey === message.routingKey &&
    common.exchange === message.exchange &&
    common.contentType === message.contentType &&
    common.contentEncoding === message.contentEncoding &&
    common.deliveryMode === message.properties.deliveryMode &&
    common.priority === message.properties.priority &&
    common.asText === asText
  )
}

/** Nothing in it is its own but the body. */
function isPlain({ headers, properties }: OutgoingMessage): boolean {
  for (const name in properties) if (name !== 'deliveryMode' && name !== 'priority') return false
  for (const _ in headers) return false
  return true
}

function betweenText(message: OutgoingMessage, asText: boolean): string {
  const { exchange, routingKey, contentType, contentEncoding } = message
  return (
    `,"content-encoding":${quote(contentEncoding)},"content-type":${quote(contentType)}` +
    `,"headers":${objectText(message.headers)},"properties":{${propertiesText(message)}` +
    `"delivery_info":{"exchange":${quote(exchange)},"routing_key":${quote(routingKey)}},` +
    `"body_encoding":"${asText ? 'utf-8' : 'base64'}","delivery_tag":"`
  )
}

function base64(body: Uint8Array | string): string {
  if (typeof body !== 'string') {
    return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('base64')
  }
  // Bytes and characters are the same then, and nothing needs to be made in between.
  const isAscii = Buffer.byteLength(body) === body.length
  return isAscii ? btoa(body) : Buffer.from(body).toString('base64')
}

function objectText(value: Readonly<Record<string, unknown>>): string {
  for (const _ in value) return json.encode(value)
  return '{}'
}

function propertiesText(message: OutgoingMessage): string {
  const properties = message.properties
  let text = ''
  for (const name in properties) {
    const value = properties[name]
    if (value === undefined) continue
    const plain = typeof value === 'number' && Number.isFinite(value)
    text += `"${wireName(name)}":${plain ? value : json.encode(value)},`
  }
  return text
}
