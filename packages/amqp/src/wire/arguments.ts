/**
 * Arguments of declarations, for amqplib's encoder: integers as 32 or 64 bits, whatever their size.
 *
 * A headers exchange compares types too, so that an argument must have the type that the same header has.
 */
import { EncodeError } from '@dashi/messaging/transport'

/** amqplib's way to name a type. */
interface TypedValue {
  readonly '!': string
  readonly value: unknown
}

const maxInt32 = 2 ** 31 - 1

/** @throws {EncodeError} `NOT_ENCODABLE`, naming the argument. */
export function wireArguments(given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return tableOf(given, '')
}

function tableOf(given: Readonly<Record<string, unknown>>, path: string): Record<string, unknown> {
  const entries = Object.entries(given).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries.map(([key, value]) => [key, fieldOf(value, `${path}${key}`)]))
}

function fieldOf(value: unknown, path: string): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      return numberOf(value)
    case 'bigint':
      return typed('int64', value)
    case 'object':
      return objectOf(value, path)
    default:
      throw notEncodable(path, typeof value)
  }
}

function numberOf(value: number): TypedValue {
  if (!Number.isInteger(value) || Math.abs(value) >= 2 ** 63) return typed('double', value)
  return typed(Math.abs(value) <= maxInt32 ? 'int' : 'long', value)
}

function objectOf(value: object | null, path: string): unknown {
  if (value === null) return null
  if (Array.isArray(value)) return value.map((item, index) => fieldOf(item, `${path}.${index}`))
  if (value instanceof Uint8Array) return Buffer.from(value)
  if (value instanceof Date) return typed('timestamp', Math.floor(value.getTime() / 1_000))
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== null && prototype !== Object.prototype) {
    throw notEncodable(path, `object of class ${value.constructor.name}`)
  }
  // Typed, so that a key "!" in it is a key and no more.
  return typed('object', tableOf({ ...value }, `${path}.`))
}

function typed(type: string, value: unknown): TypedValue {
  return { '!': type, value }
}

function notEncodable(path: string, kind: string): EncodeError {
  return new EncodeError(
    'NOT_ENCODABLE',
    `Cannot send argument "${path}": a ${kind} has no form on the wire. Use text, bytes, numbers, booleans, null, dates, lists or plain objects`,
  )
}
