/**
 * Field tables (headers) as RabbitMQ means them. Source: RabbitMQ, rabbit_binary_parser; the errata of AMQP 0-9-1.
 *
 * `b` signed 8, `B` unsigned 8, `s` signed 16, `u` unsigned 16, `I` signed 32, `i` unsigned 32, `l` and `L` signed 64,
 * `f` `d` floats, `D` decimal, `t` boolean, `T` seconds, `S` text, `x` bytes, `A` list, `F` table, `V` null.
 */
import { Decimal } from '@dashi/messaging'
import { DecodeError } from '@dashi/messaging/transport'

const maxDepth = 100

/**
 * Reads a table with its length before it. Text that is no UTF-8 becomes bytes, whole numbers beyond 2 ** 53 become
 * `bigint`, times become `Date`.
 *
 * @param at where its length is.
 * @throws {DecodeError} `NOT_DECODABLE`: an unknown type, or lengths that do not add up.
 */
export function readFieldTable(bytes: Buffer, at: number): Record<string, unknown> {
  return new FieldReader(bytes, at).table()
}

class FieldReader {
  readonly #bytes: Buffer
  #at: number
  #depth = 0

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes
    this.#at = at
  }

  table(): Record<string, unknown> {
    const end = this.#enter()
    const fields: Record<string, unknown> = {}
    while (this.#at < end) {
      const length = this.#uint(1)
      const start = this.#skip(length)
      const key = this.#bytes.toString('utf8', start, start + length)
      const value = this.#value()
      // An assignment would change the prototype instead.
      if (key === '__proto__') Object.defineProperty(fields, key, ownField(value))
      else fields[key] = value
    }
    this.#leave(end)
    return fields
  }

  #array(): unknown[] {
    const end = this.#enter()
    const values: unknown[] = []
    while (this.#at < end) values.push(this.#value())
    this.#leave(end)
    return values
  }

  #value(): unknown {
    const type = String.fromCharCode(this.#uint(1))
    switch (type) {
      case 'S':
        return asText(this.#slice(this.#uint(4)))
      case 'I':
        return this.#int(4)
      case 'l':
      case 'L':
        return this.#int64()
      case 't':
        return this.#uint(1) !== 0
      case 'F':
        return this.table()
      case 'A':
        return this.#array()
      case 'V':
        return null
      case 'd':
        return this.#bytes.readDoubleBE(this.#skip(8))
      default:
        return this.#rareValue(type)
    }
  }

  #rareValue(type: string): unknown {
    switch (type) {
      case 'b':
        return this.#int(1)
      case 'B':
        return this.#uint(1)
      case 's':
        return this.#int(2)
      case 'u':
        return this.#uint(2)
      case 'i':
        return this.#uint(4)
      case 'f':
        return this.#bytes.readFloatBE(this.#skip(4))
      case 'D':
        return decimalOf(this.#uint(1), this.#int(4))
      case 'T':
        return new Date(Number(this.#bytes.readBigUInt64BE(this.#skip(8))) * 1_000)
      case 'x':
        return this.#slice(this.#uint(4))
      default:
        throw malformed(`the type "${type}" of a field is unknown`)
    }
  }

  #uint(size: number): number {
    return this.#bytes.readUIntBE(this.#skip(size), size)
  }

  #int(size: number): number {
    return this.#bytes.readIntBE(this.#skip(size), size)
  }

  #int64(): number | bigint {
    const value = this.#bytes.readBigInt64BE(this.#skip(8))
    const near = Number(value)
    return Number.isSafeInteger(near) ? near : value
  }

  #slice(length: number): Buffer {
    const start = this.#skip(length)
    return this.#bytes.subarray(start, start + length)
  }

  /** @returns where it was. */
  #skip(length: number): number {
    const start = this.#at
    this.#at += length
    if (this.#at > this.#bytes.length) throw malformed('it ends in the middle of a field')
    return start
  }

  /** @returns where the table or list ends. */
  #enter(): number {
    this.#depth += 1
    if (this.#depth > maxDepth) throw malformed(`it is nested deeper than ${maxDepth}`)
    const length = this.#uint(4)
    const end = this.#at + length
    if (end > this.#bytes.length) throw malformed('a length in it goes beyond its end')
    return end
  }

  #leave(end: number): void {
    this.#depth -= 1
    if (this.#at !== end) throw malformed('a length in it does not fit its content')
  }
}

function ownField(value: unknown): PropertyDescriptor {
  return { value, enumerable: true, configurable: true, writable: true }
}

function asText(bytes: Buffer): string | Buffer {
  const text = bytes.toString()
  return text.includes('\ufffd') && !bytes.equals(Buffer.from(text)) ? bytes : text
}

function decimalOf(scale: number, digits: number): Decimal {
  const sign = digits < 0 ? '-' : ''
  const text = String(Math.abs(digits)).padStart(scale + 1, '0')
  const whole = text.slice(0, text.length - scale)
  return new Decimal(scale === 0 ? sign + text : `${sign}${whole}.${text.slice(-scale)}`)
}

function malformed(problem: string): DecodeError {
  return new DecodeError(
    'NOT_DECODABLE',
    `The headers of a message are no field table of AMQP 0-9-1: ${problem}. Mend its sender`,
  )
}
