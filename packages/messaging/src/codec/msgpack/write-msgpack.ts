import { ByteOutput } from '../byte-output.ts'
import { WritePlace } from '../write-place.ts'
import { timestampOf } from './timestamp.ts'

/**
 * Writes a value in the shortest forms of MessagePack.
 *
 * @throws EncodeError naming the place in the value, e.g. `$.args[3]`.
 */
export function writeMsgpack(value: unknown, maxDepth: number): Uint8Array {
  const writer = new MsgpackWriter(maxDepth)
  writer.value(value)
  return writer.written()
}

/** First bytes of the forms of one kind, by the size of the length that follows. */
interface Forms {
  /** Up to 15 or 31, the length is in the first byte. */
  readonly fixed?: { readonly kind: number; readonly maxLength: number }
  readonly uint8?: number
  readonly uint16: number
  readonly uint32: number
}

const forms = {
  text: { fixed: { kind: 0xa0, maxLength: 31 }, uint8: 0xd9, uint16: 0xda, uint32: 0xdb },
  bytes: { uint8: 0xc4, uint16: 0xc5, uint32: 0xc6 },
  array: { fixed: { kind: 0x90, maxLength: 15 }, uint16: 0xdc, uint32: 0xdd },
  map: { fixed: { kind: 0x80, maxLength: 15 }, uint16: 0xde, uint32: 0xdf },
} satisfies Readonly<Record<string, Forms>>

class MsgpackWriter {
  readonly #output = new ByteOutput()
  readonly #place: WritePlace

  constructor(maxDepth: number) {
    this.#place = new WritePlace('MessagePack', maxDepth)
  }

  written(): Uint8Array {
    return this.#output.written()
  }

  value(value: unknown): void {
    switch (typeof value) {
      case 'string':
        this.#text(value)
        break
      case 'number':
        this.#number(value)
        break
      case 'boolean':
        this.#output.byte(value ? 0xc3 : 0xc2)
        break
      case 'bigint':
        this.#bigint(value)
        break
      case 'undefined':
        this.#output.byte(0xc0)
        break
      case 'object':
        if (value === null) this.#output.byte(0xc0)
        else this.#object(value)
        break
      default:
        throw this.#place.unsupported(value)
    }
  }

  #text(text: string): void {
    const { kind, maxLength } = forms.text.fixed
    if (text.length <= maxLength && this.#output.shortAscii(text, kind)) return
    if (!text.isWellFormed()) throw this.#place.error('text with half a surrogate pair')
    const byteCount = Buffer.byteLength(text)
    this.#header(forms.text, byteCount)
    this.#output.utf8(text, byteCount)
  }

  #number(value: number): void {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) this.#integer(value)
    else this.#float(value)
  }

  #float(value: number): void {
    const at = this.#output.reserve(9)
    this.#output.buffer[at] = 0xcb
    this.#output.buffer.writeDoubleBE(value, at + 1)
  }

  #integer(value: number): void {
    if (value >= 0) this.#natural(value)
    else this.#negative(value)
  }

  #natural(value: number): void {
    if (value < 0x80) this.#output.byte(value)
    else if (value < 0x100) this.#unsigned(0xcc, value, 1)
    else if (value < 0x10000) this.#unsigned(0xcd, value, 2)
    else if (value < 0x100000000) this.#unsigned(0xce, value, 4)
    else this.#long(BigInt(value))
  }

  #negative(value: number): void {
    if (value >= -0x20) this.#output.byte(value + 0x100)
    else if (value >= -0x80) this.#unsigned(0xd0, value + 0x100, 1)
    else if (value >= -0x8000) this.#unsigned(0xd1, value + 0x10000, 2)
    else if (value >= -0x80000000) this.#unsigned(0xd2, value + 0x100000000, 4)
    else this.#long(BigInt(value))
  }

  #unsigned(kind: number, value: number, byteCount: number): void {
    const at = this.#output.reserve(1 + byteCount)
    this.#output.buffer[at] = kind
    this.#output.buffer.writeUIntBE(value, at + 1, byteCount)
  }

  #bigint(value: bigint): void {
    if (value < -(2n ** 63n) || value >= 2n ** 64n) {
      throw this.#place.error('an integer of more than 64 bits')
    }
    const isShort = value >= -0x80000000n && value < 0x100000000n
    if (isShort) this.#integer(Number(value))
    else this.#long(value)
  }

  #long(value: bigint): void {
    const at = this.#output.reserve(9)
    this.#output.buffer[at] = value < 0n ? 0xd3 : 0xcf
    this.#output.buffer.writeBigUInt64BE(BigInt.asUintN(64, value), at + 1)
  }

  #object(value: object): void {
    if (value instanceof Uint8Array) this.#bytes(value)
    else if (value instanceof Date) this.#timestamp(value)
    else this.#container(value)
  }

  #container(value: object): void {
    this.#place.enter(value)
    const replacement = this.#place.replacement(value)
    if (replacement !== undefined) this.value(replacement.value)
    else if (Array.isArray(value)) this.#array(value)
    else this.#map(value)
    this.#place.leave(value)
  }

  #bytes(bytes: Uint8Array): void {
    this.#header(forms.bytes, bytes.length)
    this.#output.bytes(bytes)
  }

  #array(array: readonly unknown[]): void {
    this.#header(forms.array, array.length)
    for (let index = 0; index < array.length; index += 1) this.#at(index, array[index])
  }

  #map(value: object): void {
    const members = this.#place.members(value)
    this.#header(forms.map, members.length)
    for (const [key, member] of members) {
      this.#text(key)
      this.#at(key, member)
    }
  }

  #at(key: string | number, value: unknown): void {
    this.#place.push(key)
    this.value(value)
    this.#place.pop()
  }

  #header({ fixed, uint8, uint16, uint32 }: Forms, length: number): void {
    if (fixed !== undefined && length <= fixed.maxLength) this.#output.byte(fixed.kind | length)
    else if (uint8 !== undefined && length < 0x100) this.#unsigned(uint8, length, 1)
    else if (length < 0x10000) this.#unsigned(uint16, length, 2)
    else this.#unsigned(uint32, length, 4)
  }

  /** In 4 bytes if it is whole seconds up to the year 2106, in 8 up to 2514, else in 12. */
  #timestamp(date: Date): void {
    const { seconds, nanoseconds } = this.#timestampOf(date)
    if (seconds < 0n || seconds >= 2n ** 34n) {
      const at = this.#extension([0xc7, 12, 0xff], 12)
      this.#output.buffer.writeUInt32BE(nanoseconds, at)
      this.#output.buffer.writeBigInt64BE(seconds, at + 4)
    } else if (nanoseconds > 0 || seconds >= 2n ** 32n) {
      const at = this.#extension([0xd7, 0xff], 8)
      this.#output.buffer.writeBigUInt64BE((BigInt(nanoseconds) << 34n) | seconds, at)
    } else {
      const at = this.#extension([0xd6, 0xff], 4)
      this.#output.buffer.writeUInt32BE(Number(seconds), at)
    }
  }

  /** @returns where its data goes. */
  #extension(header: readonly number[], byteCount: number): number {
    this.#output.bytes(Uint8Array.from(header))
    return this.#output.reserve(byteCount)
  }

  #timestampOf(date: Date): ReturnType<typeof timestampOf> {
    try {
      return timestampOf(date)
    } catch (error) {
      throw this.#place.error('a Date that is no instant', error)
    }
  }
}
