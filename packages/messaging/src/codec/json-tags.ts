import { isUtf8 } from 'node:buffer'
import { DateTime, isoText } from './date-time.ts'
import { Decimal } from './decimal.ts'
import type { JsonType } from './json-type.ts'
import { PlainDate } from './plain-date.ts'
import { PlainTime } from './plain-time.ts'
import { decodeText } from './text.ts'
import { Uuid } from './uuid.ts'

const dateTime: JsonType<Date> = {
  type: Date,
  marker: 'datetime',
  encode: isoDateTime,
  decode: (encoded) => {
    const value = new DateTime(asText(encoded))
    return value.isExactDate ? new Date(value.getTime()) : value
  },
}

const plainDate: JsonType<PlainDate> = {
  type: PlainDate,
  marker: 'date',
  encode: String,
  decode: (encoded) => new PlainDate(asText(encoded)),
}

const plainTime: JsonType<PlainTime> = {
  type: PlainTime,
  marker: 'time',
  encode: String,
  decode: (encoded) => new PlainTime(asText(encoded)),
}

const decimal: JsonType<Decimal> = {
  type: Decimal,
  marker: 'decimal',
  encode: String,
  decode: (encoded) => new Decimal(asText(encoded)),
}

const uuid: JsonType<Uuid> = {
  type: Uuid,
  marker: 'uuid',
  encode: ({ hex }) => ({ hex }),
  decode: decodeUuid,
}

const utf8Bytes: JsonType<Uint8Array> = {
  type: Uint8Array,
  marker: 'bytes',
  accepts: isUtf8,
  encode: (value) => decodeText(value, 'utf-8'),
  decode: (encoded) => new TextEncoder().encode(asText(encoded)),
}

const otherBytes: JsonType<Uint8Array> = {
  type: Uint8Array,
  marker: 'base64',
  encode: (value) =>
    Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64'),
  decode: decodeBase64,
}

/** The tags that Kombu 5.3 and newer write and read. Source: kombu.utils.json. */
export const taggedTypes: readonly JsonType[] = [
  dateTime,
  plainDate,
  plainTime,
  decimal,
  uuid,
  utf8Bytes,
  otherBytes,
]

/**
 * What Kombu 5.2 and older write for the same values: bare text, UTC as `Z`, a date as midnight,
 * and no bytes at all.
 */
export const untaggedTypes: readonly JsonType[] = [
  bare({ type: Date, encode: (value) => isoDateTime(value).replace(/\+00:00$/, 'Z') }),
  bare({ type: PlainDate, encode: (value) => `${value}T00:00:00` }),
  bare({ type: PlainTime, encode: String }),
  bare({ type: Decimal, encode: String }),
  bare({ type: Uuid, encode: String }),
  bare({ type: Uint8Array, encode: refuseBytes }),
]

function bare<Value>(type: Omit<JsonType<Value>, 'marker'>): JsonType<Value> {
  return { ...type, marker: null }
}

function isoDateTime(value: Date): string {
  return value instanceof DateTime ? value.toString() : isoText(value)
}

function refuseBytes(): never {
  throw new TypeError('Kombu 5.2 has no form for bytes: send base64 text, or use the tagged json')
}

function asText(encoded: unknown): string {
  if (typeof encoded === 'string') return encoded
  throw new TypeError(`its value must be a string, not ${typeof encoded}`)
}

function decodeBase64(encoded: unknown): Uint8Array {
  const text = asText(encoded)
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) {
    throw new TypeError('its value is not base64')
  }
  // Copied: a small Buffer would hand out the pool that it shares with others.
  return new Uint8Array(Buffer.from(text, 'base64'))
}

/** The keyword arguments of Python's `uuid.UUID` that a message may hold. */
function decodeUuid(encoded: unknown): Uuid {
  // Object() makes even null something that has no such members.
  const { hex, int, bytes } = Object(encoded) as Readonly<Record<string, unknown>>
  if (typeof hex === 'string') return new Uuid(hex)
  if (typeof int === 'bigint' || typeof int === 'number') {
    return new Uuid(int.toString(16).padStart(32, '0'))
  }
  if (bytes instanceof Uint8Array) return new Uuid(Buffer.from(bytes).toString('hex'))
  throw new TypeError('its value must be an object with hex, int or bytes')
}
