/**
 * The text that stands for a message in the queues of virtual transports.
 *
 * Shape (Kombu 5.2–5.6, kombu/transport/virtual/base.py):
 * `{"body": <base64>, "content-encoding", "content-type", "headers": {}, "properties": {"delivery_tag",
 * "delivery_info": {"exchange", "routing_key"}, "body_encoding": "base64", "delivery_mode", "priority", …}}`,
 * and `"redelivered": true` at the top once it was put back.
 */
import { json } from '../codec/json.ts'
import { DecodeError, MessagingError, reasonOf } from '../errors.ts'
import type { OutgoingMessage } from '../message/envelope.ts'
import {
  asRecord,
  type Envelope,
  EnvelopeMessage,
  foreignMessage,
  isRecord,
  type VirtualMessage,
} from './envelope-message.ts'
import { wireName } from './property-names.ts'

/** How bodies are written: base64 (Kombu's default), or as text where they are text. */
export type BodyEncoding = 'base64' | 'utf-8'

const quote = JSON.stringify

/** Writes the envelope. Extra properties come last. */
export function encodeEnvelope(
  message: OutgoingMessage,
  deliveryTag: string,
  bodyEncoding: BodyEncoding,
): string {
  const plain = bodyEncoding === 'utf-8' && typeof message.body === 'string'
  const body = plain ? quote(message.body) : `"${base64(message.body)}"`
  // Joined, not added: a flat text is one object to keep, an added one is as many as it has pieces.
  return [
    `{"body":`,
    body,
    `,"content-encoding":`,
    quote(message.contentEncoding),
    `,"content-type":`,
    quote(message.contentType),
    `,"headers":`,
    objectText(message.headers),
    `,"properties":{`,
    propertiesText(message),
    `"delivery_info":{"exchange":`,
    quote(message.exchange),
    `,"routing_key":`,
    quote(message.routingKey),
    plain
      ? `},"body_encoding":"utf-8","delivery_tag":"`
      : `},"body_encoding":"base64","delivery_tag":"`,
    deliveryTag,
    `"}}`,
  ].join('')
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

/**
 * Reads an envelope.
 *
 * @throws {DecodeError} the text is not JSON, or not an envelope that Kombu would accept.
 */
export function parseEnvelope(payload: Uint8Array | string): Envelope {
  const value = parse(payload)
  if (isEnvelope(value)) return value
  throw notAnEnvelope('it is not a JSON object with "properties" that have a "delivery_info"')
}

/** The message in a payload, or what stands for one that cannot be read. */
export function readMessage(payload: Uint8Array | string, queue: string): VirtualMessage {
  try {
    return new EnvelopeMessage(parseEnvelope(payload), queue)
  } catch (error) {
    const defect = MessagingError.is(error) ? error : notAnEnvelope(reasonOf(error), error)
    return foreignMessage(payload, queue, defect)
  }
}

/** The payload to put back: marked as delivered before, in the three places where Kombu looks. */
export function markRedelivered(payload: Uint8Array | string): string {
  const envelope = parseEnvelope(payload)
  const { properties } = envelope
  return json.encode({
    ...envelope,
    headers: { ...asRecord(envelope['headers']), redelivered: true },
    properties: {
      ...properties,
      delivery_info: { ...properties.delivery_info, redelivered: true },
    },
    redelivered: true,
  })
}

function parse(payload: Uint8Array | string): unknown {
  try {
    return typeof payload === 'string' ? json.parse(payload) : json.decode(payload, 'utf-8')
  } catch (error) {
    throw notAnEnvelope(reasonOf(error), error)
  }
}

function isEnvelope(value: unknown): value is Envelope {
  return (
    isRecord(value) &&
    isRecord(value['properties']) &&
    isRecord(value['properties']['delivery_info'])
  )
}

function notAnEnvelope(reason: string, cause?: unknown): DecodeError {
  return new DecodeError('NOT_DECODABLE', `A queue item is not a message envelope: ${reason}`, {
    cause,
  })
}
