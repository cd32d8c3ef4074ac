/**
 * Field tables (headers) as py-amqp writes them, so that every release of Kombu reads what we mean.
 *
 * Integers are only `I` and `L`: py-amqp reads `b`, `B` and, up to 5.3, `s` and `l` as something else than RabbitMQ does.
 * Source: py-amqp, amqp/serialization.py; RabbitMQ, rabbit_binary_parser.
 */
import { Decimal } from '@dashi/messaging'
import { EncodeError } from '@dashi/messaging/transport'
import type { WriteBuffer } from './write-buffer.ts'

const tag = (letter: string): number => letter.charCodeAt(0)
const text = tag('S')
const bytes = tag('x')
const boolean = tag('t')
const int32 = tag('I')
const int64 = tag('L')
const float64 = tag('d')
const decimal = tag('D')
const timestamp = tag('T')
const table = tag('F')
const array = tag('A')
const nothing = tag('V')

const maxInt32 = 2 ** 31 - 1
const maxInt64 = 2n ** 63n - 1n
// Deeper nesting is more likely a cycle than data.
const maxDepth = 100

/**
 * Writes a table with its length before it. A field that is `undefined` is left out.
 *
 * @throws {EncodeError} `NOT_ENCODABLE`, naming the field.
 */
export function writeFieldTable(out: WriteBuffer, fields: Readonly<Record<string, unknown>>): void {
  writeTable(out, fields, [])
}

type Path = readonly (string | number)[]

function writeTable(out: WriteBuffer, fields: Readonly<Record<string, unknown>>, path: Path): void {
  const start = out.reserveLength()
  for (const key of Object.keys(fields)) {
    const value = fields[key]
    if (value === undefined) continue
    if (!out.shortText(key)) throw notEncodable([...path, key], 'its name is longer than 255 bytes')
    // The common kinds without making a path for an error that cannot be.
    if (typeof value === 'string') out.tagged(text).longText(value)
    else if (typeof value === 'number') writeNumber(out, value)
    else writeValue(out, value, [...path, key])
  }
  out.fillLength(start)
}

function writeValue(out: WriteBuffer, value: unknown, path: Path): void {
  switch (typeof value) {
    case 'string':
      out.tagged(text).longText(value)
      return
    case 'number':
      writeNumber(out, value)
      return
    case 'boolean':
      out.tagged(boolean).uint8(value ? 1 : 0)
      return
    case 'bigint':
      writeInteger(out, value, path)
      return
    case 'object':
      writeObject(out, value, path)
      return
    case 'undefined':
      out.tagged(nothing)
      return
    default:
      throw notEncodable(path, `a ${typeof value} has no form on the wire`)
  }
}

function writeNumber(out: WriteBuffer, value: number): void {
  if (!Number.isInteger(value) || Math.abs(value) > 2 ** 63 - 1024) {
    out.tagged(float64).float64(value)
  } else if (Math.abs(value) <= maxInt32) {
    out.tagged(int32).int32(value)
  } else {
    out.tagged(int64).int64(BigInt(value))
  }
}

function writeInteger(out: WriteBuffer, value: bigint, path: Path): void {
  if (value > maxInt64 || value < -maxInt64 - 1n) {
    throw notEncodable(path, `the whole number ${value} does not fit into 64 bits`)
  }
  if (value >= -maxInt32 && value <= maxInt32) out.tagged(int32).int32(Number(value))
  else out.tagged(int64).int64(value)
}

function writeObject(out: WriteBuffer, value: object | null, path: Path): void {
  if (path.length > maxDepth) throw notEncodable(path, `it is nested deeper than ${maxDepth}`)
  if (value === null) out.tagged(nothing)
  else if (Array.isArray(value)) writeArray(out, value, path)
  else if (value instanceof Uint8Array) out.tagged(bytes).longBytes(value)
  else if (value instanceof Date) writeDate(out, value, path)
  else if (value instanceof Decimal) writeDecimal(out, value, path)
  else if (isPlain(value)) writeTable(out.tagged(table), value, path)
  else throw notEncodable(path, `an object of class ${value.constructor.name} has no form there`)
}

function writeArray(out: WriteBuffer, values: readonly unknown[], path: Path): void {
  const start = out.tagged(array).reserveLength()
  for (const [index, value] of values.entries()) writeValue(out, value, [...path, index])
  out.fillLength(start)
}

/** Whole seconds: the wire has no more. */
function writeDate(out: WriteBuffer, date: Date, path: Path): void {
  const seconds = Math.floor(date.getTime() / 1_000)
  if (!(seconds >= 0)) throw notEncodable(path, 'it is before 1970, or no date at all')
  out.tagged(timestamp).int64(BigInt(seconds))
}

/** Digits in 32 bits, and how many of them are behind the point. */
function writeDecimal(out: WriteBuffer, value: Decimal, path: Path): void {
  const [, sign = '', whole = '', fraction = ''] = /^([+-]?)(\d*)\.?(\d*)$/.exec(value.text) ?? []
  const digits = Number(`${sign}${whole}${fraction}`)
  const isWritable = whole + fraction !== '' && fraction.length <= 255
  if (!isWritable || Math.abs(digits) > maxInt32) {
    throw notEncodable(path, `the decimal ${value.text} has no exponent-free form of 32 bits`)
  }
  out.tagged(decimal).uint8(fraction.length).int32(digits)
}

function isPlain(value: object): value is Readonly<Record<string, unknown>> {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

function notEncodable(path: Path, reason: string): EncodeError {
  return new EncodeError(
    'NOT_ENCODABLE',
    `Cannot write header "${path.join('.')}": ${reason}. Headers hold text, bytes, numbers, booleans, null, dates, lists and plain objects`,
  )
}
