import { ByteInput } from '../byte-input.ts'
import type { NestingBounds } from '../nesting-limits.ts'
import { dateOf } from './timestamp.ts'

/**
 * Reads the one value that the bytes are.
 *
 * @throws RangeError for bytes that are none; DecodeError for text that is not UTF-8, and
 *   `TOO_LARGE`.
 */
export function readMsgpack(bytes: Uint8Array, bounds: NestingBounds): unknown {
  const input = new ByteInput(bytes)
  const value = new MsgpackReader(input, bounds).value()
  if (input.remaining === 0) return value
  throw new RangeError(`${input.remaining} more bytes come after its value`)
}

/** Extension type of timestamps. */
const timestampType = -1

class MsgpackReader {
  readonly #input: ByteInput
  readonly #bounds: NestingBounds
  #depth = 0
  #containers = 0

  constructor(input: ByteInput, bounds: NestingBounds) {
    this.#input = input
    this.#bounds = bounds
  }

  value(): unknown {
    const kind = this.#input.byte()
    if (kind < 0x80) return kind
    if (kind < 0x90) return this.#map(kind & 0x0f)
    if (kind < 0xa0) return this.#array(kind & 0x0f)
    if (kind < 0xc0) return this.#input.utf8(kind & 0x1f)
    if (kind >= 0xe0) return kind - 0x100
    return kind < 0xcc || (kind >= 0xd4 && kind <= 0xdb) ? this.#other(kind) : this.#sized(kind)
  }

  /** nil, booleans, and bytes, text and extensions of other lengths. */
  #other(kind: number): unknown {
    switch (kind) {
      case 0xc0:
        return null
      case 0xc2:
        return false
      case 0xc3:
        return true
      case 0xc4:
      case 0xc5:
      case 0xc6:
        return this.#input.bytes(this.#length(kind - 0xc4))
      case 0xc7:
      case 0xc8:
      case 0xc9:
        return this.#extension(this.#length(kind - 0xc7))
      case 0xca:
        return this.#input.buffer.readFloatBE(this.#input.take(4))
      case 0xcb:
        return this.#input.buffer.readDoubleBE(this.#input.take(8))
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.#input.utf8(this.#length(kind - 0xd9))
      case 0xc1:
        throw new RangeError('it holds the byte c1, which begins nothing')
      default:
        return this.#extension(2 ** (kind - 0xd4))
    }
  }

  /** Integers, and containers of other lengths. */
  #sized(kind: number): unknown {
    const { buffer } = this.#input
    switch (kind) {
      case 0xcc:
        return this.#input.byte()
      case 0xcd:
        return buffer.readUInt16BE(this.#input.take(2))
      case 0xce:
        return buffer.readUInt32BE(this.#input.take(4))
      case 0xcf:
        return integer(buffer.readBigUInt64BE(this.#input.take(8)))
      case 0xd0:
        return buffer.readInt8(this.#input.take(1))
      case 0xd1:
        return buffer.readInt16BE(this.#input.take(2))
      case 0xd2:
        return buffer.readInt32BE(this.#input.take(4))
      case 0xd3:
        return integer(buffer.readBigInt64BE(this.#input.take(8)))
      case 0xdc:
      case 0xdd:
        return this.#array(this.#length(kind - 0xdb))
      default:
        return this.#map(this.#length(kind - 0xdd))
    }
  }

  /** @param size 0, 1 or 2, for 1, 2 or 4 bytes. */
  #length(size: number): number {
    return this.#input.buffer.readUIntBE(this.#input.take(1 << size), 1 << size)
  }

  #array(length: number): unknown[] {
    this.#enter(length)
    const array: unknown[] = []
    for (let index = 0; index < length; index += 1) array.push(this.value())
    this.#depth -= 1
    return array
  }

  #map(length: number): Record<string, unknown> {
    this.#enter(2 * length)
    const map: Record<string, unknown> = {}
    for (let index = 0; index < length; index += 1) map[this.#key()] = this.value()
    this.#depth -= 1
    return map
  }

  /** Every value has a byte at least, so that no more are begun than can be there. */
  #enter(valueCount: number): void {
    if (valueCount > this.#input.remaining) {
      throw new RangeError(`it promises ${valueCount} values in ${this.#input.remaining} bytes`)
    }
    this.#depth += 1
    this.#containers += 1
    this.#bounds.checkDepth(this.#depth)
    this.#bounds.checkContainers(this.#containers)
  }

  #key(): string {
    const key = this.value()
    if (typeof key !== 'string') {
      throw new RangeError(
        `a map has a key of type ${key === null ? 'null' : typeof key}, not text`,
      )
    }
    if (key === '__proto__') {
      throw new RangeError(
        "a map has the key '__proto__', which would change what objects in this process inherit when it is copied",
      )
    }
    return key
  }

  #extension(length: number): Date {
    const type = this.#input.buffer.readInt8(this.#input.take(1))
    if (type !== timestampType) throw new RangeError(`it holds an extension of type ${type}`)
    const at = this.#input.take(length)
    const { buffer } = this.#input
    if (length === 4) return dateOf({ seconds: BigInt(buffer.readUInt32BE(at)), nanoseconds: 0 })
    if (length === 12) {
      return dateOf({
        seconds: buffer.readBigInt64BE(at + 4),
        nanoseconds: buffer.readUInt32BE(at),
      })
    }
    if (length !== 8) throw new RangeError(`a timestamp has ${length} bytes, not 4, 8 or 12`)
    const both = buffer.readBigUInt64BE(at)
    return dateOf({ seconds: both & 0x3ffffffffn, nanoseconds: Number(both >> 34n) })
  }
}

function integer(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}
