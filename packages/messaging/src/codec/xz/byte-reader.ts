import { crc32 } from 'node:zlib'

/** Reads the fields of a file from front to back. */
export class ByteReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** Bytes that have been read. */
  get position(): number {
    return this.#at
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length
  }

  /** The next byte, without reading it; undefined at the end. */
  peek(): number | undefined {
    return this.#bytes[this.#at]
  }

  /** @throws RangeError when the bytes end. */
  byte(): number {
    const byte = this.#bytes[this.#at]
    if (byte === undefined) throw new RangeError('it ends in the middle')
    this.#at += 1
    return byte
  }

  /** A view. @throws RangeError when the bytes end. */
  bytes(count: number): Uint8Array {
    if (count > this.#bytes.length - this.#at) throw new RangeError('it ends in the middle')
    this.#at += count
    return this.#bytes.subarray(this.#at - count, this.#at)
  }

  /** All that is left, as a view. */
  rest(): Uint8Array {
    return this.bytes(this.#bytes.length - this.#at)
  }

  /** Highest byte first. @throws RangeError when the bytes end. */
  bigEndian(byteCount: number): number {
    let value = 0
    for (let count = 0; count < byteCount; count += 1) value = value * 256 + this.byte()
    return value
  }

  /** Lowest byte first. @throws RangeError when the bytes end. */
  littleEndian(byteCount: number): number {
    return this.bytes(byteCount).reduceRight((value, byte) => value * 256 + byte, 0)
  }

  /** 7 bits per byte, lowest first. @throws RangeError beyond 2 ** 53, where nothing real is. */
  variable(): number {
    let value = 0
    let weight = 1
    for (;;) {
      const byte = this.byte()
      value += (byte & 0x7f) * weight
      if (byte < 0x80) return value
      weight *= 0x80
      if (weight > 2 ** 49) throw new RangeError('it holds a number beyond all sizes')
    }
  }

  /** Zeros up to a multiple of 4 bytes after `start`. @throws RangeError when they are not zeros. */
  padding(start: number): void {
    while ((this.#at - start) % 4 !== 0) {
      if (this.byte() !== 0) throw new RangeError('its padding is not empty')
    }
  }

  /** The CRC-32 of what was read since `start`. @throws RangeError when it is another. */
  checksum(start: number): void {
    const expected = crc32(this.#bytes.subarray(start, this.#at))
    if (this.littleEndian(4) !== expected) throw new RangeError('the checksum of a header is wrong')
  }
}
