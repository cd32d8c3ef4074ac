import { crc32 } from 'node:zlib'

/** Bytes that grow as they are written. */
export class ByteWriter {
  #bytes = new Uint8Array(1024)
  #length = 0

  get length(): number {
    return this.#length
  }

  /** What was written since `start`, as a view that is valid until the next write. */
  from(start: number): Uint8Array {
    return this.#bytes.subarray(start, this.#length)
  }

  byte(value: number): void {
    if (this.#length === this.#bytes.length) this.#grow(1)
    this.#bytes[this.#length] = value
    this.#length += 1
  }

  bytes(values: Uint8Array): void {
    if (this.#length + values.length > this.#bytes.length) this.#grow(values.length)
    this.#bytes.set(values, this.#length)
    this.#length += values.length
  }

  /** Highest byte first. */
  bigEndian(value: number, byteCount: number): void {
    for (let byte = byteCount - 1; byte >= 0; byte -= 1) this.byte(value >>> (8 * byte))
  }

  /** Lowest byte first. */
  littleEndian(value: number, byteCount: number): void {
    for (let byte = 0; byte < byteCount; byte += 1) this.byte(value >>> (8 * byte))
  }

  /** 7 bits per byte, lowest first. */
  variable(value: number): void {
    let rest = value
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.byte((rest % 0x80) | 0x80)
    this.byte(rest)
  }

  /** Zeros up to a multiple of 4 bytes after `start`. */
  padding(start: number): void {
    while ((this.#length - start) % 4 !== 0) this.byte(0)
  }

  /** The CRC-32 of what was written since `start`. */
  checksum(start: number): void {
    this.littleEndian(crc32(this.from(start)), 4)
  }

  #grow(count: number): void {
    const larger = new Uint8Array(Math.max(this.#length + count, 2 * this.#bytes.length))
    larger.set(this.from(0))
    this.#bytes = larger
  }
}
