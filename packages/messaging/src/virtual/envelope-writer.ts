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
 * What one message has in common with the next, type and destination, is written once: between two awaited
 * publishes the processor's caches go cold, and each quoted name costs a microsecond.
 */
export class EnvelopeWriter {
  readonly #bodyEncoding: BodyEncoding
  #contentType = ''
  #contentEncoding = ''
  #content = contentText('', '')
  #exchange = ''
  #routingKey = ''
  #destination = destinationText('', '')

  constructor(bodyEncoding: BodyEncoding) {
    this.#bodyEncoding = bodyEncoding
  }

  /** Extra properties come before the envelope's own. */
  write(message: OutgoingMessage, deliveryTag: string): string {
    const { body } = message
    const asText = this.#bodyEncoding === 'utf-8' && typeof body === 'string'
    // Joined, not added: a flat text is one object to keep, an added one is as many as it has pieces.
    return [
      asText ? `{"body":${quote(body)}` : `{"body":"${base64(body)}"`,
      this.#contentOf(message),
      objectText(message.headers),
      `,"properties":{`,
      propertiesText(message),
      this.#destinationOf(message),
      asText ? `"body_encoding":"utf-8"` : `"body_encoding":"base64"`,
      `,"delivery_tag":"${deliveryTag}"}}`,
    ].join('')
  }

  #contentOf({ contentType, contentEncoding }: OutgoingMessage): string {
    if (contentType !== this.#contentType || contentEncoding !== this.#contentEncoding) {
      this.#contentType = contentType
      this.#contentEncoding = contentEncoding
      this.#content = contentText(contentType, contentEncoding)
    }
    return this.#content
  }

  #destinationOf({ exchange, routingKey }: OutgoingMessage): string {
    if (exchange !== this.#exchange || routingKey !== this.#routingKey) {
      this.#exchange = exchange
      this.#routingKey = routingKey
      this.#destination = destinationText(exchange, routingKey)
    }
    return this.#destination
  }
}

function contentText(contentType: string, contentEncoding: string): string {
  return `,"content-encoding":${quote(contentEncoding)},"content-type":${quote(contentType)},"headers":`
}

function destinationText(exchange: string, routingKey: string): string {
  return `"delivery_info":{"exchange":${quote(exchange)},"routing_key":${quote(routingKey)}},`
}

function base64(body: Uint8Array | string): string {
  if (typeof body === 'string') return Buffer.from(body).toString('base64')
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('base64')
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
