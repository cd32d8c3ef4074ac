/**
 * Reads the text that stands for a message in the queues of virtual transports, and marks it as delivered before:
 * `"redelivered": true` at the top. Its shape: {@link EnvelopeWriter}.
 */
import { json } from '../codec/json.ts'
import { DecodeError, MessagingError, reasonOf } from '../errors.ts'
import {
  asRecord,
  type Envelope,
  EnvelopeMessage,
  foreignMessage,
  isRecord,
  type VirtualMessage,
} from './envelope-message.ts'

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
