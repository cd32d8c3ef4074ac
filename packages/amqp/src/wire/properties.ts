/** The content header of AMQP 0-9-1: properties in the order of their flags. Source: AMQP 0-9-1, 1.8.1 (class basic). */
import {
  EncodeError,
  type MessageProperties,
  MessagingError,
  type OutgoingMessage,
} from '@dashi/messaging/transport'
import { readFieldTable } from './field-table-reader.ts'
import { writeFieldTable } from './field-table-writer.ts'
import type { WriteBuffer } from './write-buffer.ts'

/** Class, weight and body size come before the flags. */
const flagsAt = 12

const contentTypeFlag = 1 << 15
const contentEncodingFlag = 1 << 14
const headersFlag = 1 << 13
const deliveryModeFlag = 1 << 12
const priorityFlag = 1 << 11
const timestampFlag = 1 << 6

/** Text properties before the timestamp, in order. */
const textsBefore = [
  ['correlationId', 1 << 10],
  ['replyTo', 1 << 9],
  ['expiration', 1 << 8],
  ['messageId', 1 << 7],
] as const

/** Text properties after it. */
const textsAfter = [
  ['type', 1 << 5],
  ['userId', 1 << 4],
  ['appId', 1 << 3],
  ['clusterId', 1 << 2],
] as const

/**
 * Writes the payload of a content header. What AMQP has no property for is left out, as Kombu does.
 *
 * @throws {EncodeError} `NOT_ENCODABLE`, naming the property.
 */
export function writeContentHeader(
  out: WriteBuffer,
  message: OutgoingMessage,
  bodySize: number,
): void {
  const { properties } = message
  out.uint16(60).uint16(0).uint64(bodySize).uint16(flagsOf(properties))
  writeText(out, 'contentType', message.contentType)
  writeText(out, 'contentEncoding', message.contentEncoding)
  writeFieldTable(out, message.headers)
  const { deliveryMode, priority, timestamp } = properties
  if (deliveryMode !== undefined) out.uint8(whole('deliveryMode', deliveryMode, 255))
  if (priority !== undefined) out.uint8(whole('priority', priority, 255))
  for (const [name] of textsBefore) writeText(out, name, properties[name])
  if (timestamp !== undefined) {
    out.uint64(whole('timestamp', Math.floor(timestamp), Number.MAX_SAFE_INTEGER))
  }
  for (const [name] of textsAfter) writeText(out, name, properties[name])
}

/** Kombu always sends content type, content encoding and headers. */
function flagsOf(properties: MessageProperties): number {
  let flags = contentTypeFlag | contentEncodingFlag | headersFlag
  if (properties.deliveryMode !== undefined) flags |= deliveryModeFlag
  if (properties.priority !== undefined) flags |= priorityFlag
  if (properties.timestamp !== undefined) flags |= timestampFlag
  for (const [name, flag] of textsBefore) if (properties[name] !== undefined) flags |= flag
  for (const [name, flag] of textsAfter) if (properties[name] !== undefined) flags |= flag
  return flags
}

function writeText(out: WriteBuffer, name: string, value: string | undefined): void {
  if (value === undefined) return
  if (typeof value !== 'string') throw notEncodable(name, `it is a ${typeof value} and not a text`)
  if (!out.shortText(value)) throw notEncodable(name, 'it is longer than 255 bytes')
}

function whole(name: string, value: number, max: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= max) return value
  throw notEncodable(name, `${value} is not a whole number from 0 to ${max}`)
}

function notEncodable(name: string, reason: string): EncodeError {
  return new EncodeError('NOT_ENCODABLE', `Cannot write property "${name}" of a message: ${reason}`)
}

/** What a content header says. */
export interface ContentHeader {
  readonly contentType: string | undefined
  readonly contentEncoding: string | undefined
  readonly headers: Readonly<Record<string, unknown>>
  readonly properties: MessageProperties
  /** Why the headers cannot be read. They are then empty. */
  readonly defect: MessagingError | undefined
}

const noHeaders: Readonly<Record<string, unknown>> = Object.freeze({})

/** The size of the body that follows a content header. */
export function bodySizeOf(header: Buffer): number {
  return header.readUInt32BE(4) * 2 ** 32 + header.readUInt32BE(8)
}

/** Reads the payload of a content header. What cannot be read is said in `defect`. */
export function readContentHeader(header: Buffer): ContentHeader {
  const flags = header.readUInt16BE(flagsAt)
  const reader = new PropertyReader(header, flagsAt + 2)
  const contentType = flags & contentTypeFlag ? reader.text() : undefined
  const contentEncoding = flags & contentEncodingFlag ? reader.text() : undefined
  const headers = flags & headersFlag ? reader.table() : noHeaders
  const properties: Record<string, unknown> = {}
  if (flags & deliveryModeFlag) properties['deliveryMode'] = reader.uint8()
  if (flags & priorityFlag) properties['priority'] = reader.uint8()
  for (const [name, flag] of textsBefore) if (flags & flag) properties[name] = reader.text()
  if (flags & timestampFlag) properties['timestamp'] = reader.uint64()
  for (const [name, flag] of textsAfter) if (flags & flag) properties[name] = reader.text()
  return { contentType, contentEncoding, headers, properties, defect: reader.defect }
}

class PropertyReader {
  readonly #bytes: Buffer
  #at: number
  defect: MessagingError | undefined

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes
    this.#at = at
  }

  uint8(): number {
    return this.#bytes.readUInt8(this.#at++)
  }

  uint64(): number {
    this.#at += 8
    return Number(this.#bytes.readBigUInt64BE(this.#at - 8))
  }

  text(): string {
    const length = this.uint8()
    this.#at += length
    return this.#bytes.toString('utf8', this.#at - length, this.#at)
  }

  /** One bad field must not hide the other properties: its length says where they go on. */
  table(): Readonly<Record<string, unknown>> {
    const start = this.#at
    const length = this.#bytes.readUInt32BE(start)
    this.#at += 4 + length
    try {
      return length === 0 ? noHeaders : readFieldTable(this.#bytes, start)
    } catch (error) {
      if (!MessagingError.is(error)) throw error
      this.defect = error
      return noHeaders
    }
  }
}
