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
import type { EncodedBody, IncomingMessage, OutgoingMessage } from '../message/envelope.ts'
import { readProperties, wireName } from './property-names.ts'

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
  return (
    `{"body":${body},"content-encoding":${quote(message.contentEncoding)}` +
    `,"content-type":${quote(message.contentType)},"headers":${objectText(message.headers)}` +
    `,"properties":{${propertiesText(message)}"delivery_info":{"exchange":${quote(message.exchange)}` +
    `,"routing_key":${quote(message.routingKey)}},"body_encoding":"${plain ? 'utf-8' : 'base64'}"` +
    `,"delivery_tag":"${deliveryTag}"}}`
  )
}

function base64(body: Uint8Array | string): string {
  if (typeof body === 'string') return Buffer.from(body).toString('base64')
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('base64')
}

function objectText(value: Readonly<Record<string, unknown>>): string {
  for (const _ in value) return valueText(value)
  return '{}'
}

function valueText(value: unknown): string {
  const text = json.encode(value)
  return typeof text === 'string' ? text : Buffer.from(text).toString()
}

function propertiesText(message: OutgoingMessage): string {
  const properties = message.properties
  let text = ''
  for (const name in properties) {
    const value = properties[name]
    if (value === undefined) continue
    const plain = typeof value === 'number' && Number.isFinite(value)
    text += `"${wireName(name)}":${plain ? value : valueText(value)},`
  }
  return text
}

/** The parsed envelope: a JSON object whose needed parts have been checked. */
export interface Envelope {
  readonly body?: unknown
  readonly 'content-type'?: unknown
  readonly 'content-encoding'?: unknown
  readonly headers?: unknown
  readonly properties: Readonly<Record<string, unknown>>
  readonly redelivered?: unknown
}

/**
 * Reads an envelope.
 *
 * @throws {DecodeError} the text is not JSON, or not an envelope that Kombu would accept.
 */
export function parseEnvelope(payload: Uint8Array | string): Envelope {
  const value = parse(payload)
  if (!isRecord(value)) throw notAnEnvelope('it is not a JSON object')
  const properties = value['properties']
  if (!isRecord(properties)) throw notAnEnvelope('it has no "properties" object')
  if (!isRecord(properties['delivery_info']))
    throw notAnEnvelope('"properties" has no "delivery_info"')
  return { ...value, properties }
}

function parse(payload: Uint8Array | string): unknown {
  try {
    return json.decode(typeof payload === 'string' ? Buffer.from(payload) : payload, 'utf-8')
  } catch (error) {
    throw notAnEnvelope(reasonOf(error), error)
  }
}

function notAnEnvelope(reason: string, cause?: unknown): DecodeError {
  return new DecodeError('NOT_DECODABLE', `A queue item is not a message envelope: ${reason}`, {
    cause,
  })
}

/** Turns an envelope into a message. The body stays encoded until somebody asks for it. */
export function readEnvelope(envelope: Envelope, queue: string): IncomingMessage {
  const { properties } = envelope
  const info = asRecord(properties['delivery_info'])
  const headers = asRecord(envelope.headers)
  return {
    exchange: asText(info['exchange']) ?? '',
    routingKey: asText(info['routing_key']) ?? queue,
    contentType: asText(envelope['content-type']),
    contentEncoding: asText(envelope['content-encoding']),
    headers,
    properties: readProperties(properties),
    body: readBody(envelope),
    deliveryTag: asText(properties['delivery_tag']) ?? '',
    redelivered:
      envelope.redelivered === true ||
      info['redelivered'] === true ||
      headers['redelivered'] === true,
    deliveryInfo: extraInfo(info),
  }
}

/** What else the sender or the broker tells about the delivery, beside exchange and routing key. */
function extraInfo(info: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { exchange: _, routing_key: __, redelivered: ___, ...extra } = info
  return extra
}

function readBody(envelope: Envelope): EncodedBody {
  const data = envelope.body
  if (data instanceof Uint8Array) return { data, encoding: 'bytes' }
  const encoded = envelope.properties['body_encoding'] === 'base64'
  if (typeof data === 'string') return { data, encoding: encoded ? 'base64' : 'utf-8' }
  return {
    data: data === undefined || data === null ? '' : JSON.stringify(data),
    encoding: 'utf-8',
  }
}

/** The payload to put back: marked as delivered before, in the three places where Kombu looks. */
export function markRedelivered(payload: Uint8Array | string): string {
  const envelope = parseEnvelope(payload)
  const info = asRecord(envelope.properties['delivery_info'])
  return valueText({
    ...envelope,
    headers: { ...asRecord(envelope.headers), redelivered: true },
    properties: { ...envelope.properties, delivery_info: { ...info, redelivered: true } },
    redelivered: true,
  })
}

/** The message in a payload. A foreign item becomes one with a `defect`: it is never dropped, and ends nothing. */
export function readMessage(payload: Uint8Array | string, queue: string): IncomingMessage {
  try {
    return readEnvelope(parseEnvelope(payload), queue)
  } catch (error) {
    const defect = MessagingError.is(error) ? error : notAnEnvelope(reasonOf(error), error)
    return foreignMessage(payload, queue, defect)
  }
}

function foreignMessage(
  payload: Uint8Array | string,
  queue: string,
  defect: MessagingError,
): IncomingMessage {
  return {
    exchange: '',
    routingKey: queue,
    contentType: 'application/data',
    contentEncoding: 'binary',
    headers: {},
    properties: {},
    body: { data: payload, encoding: typeof payload === 'string' ? 'utf-8' : 'bytes' },
    deliveryTag: '',
    redelivered: false,
    deliveryInfo: {},
    defect,
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {}
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
