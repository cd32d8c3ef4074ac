import { decodeText } from './text.ts'

/** Reads a body from front to back. */
export class ByteInput {
  readonly #buffer: Buffer
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** Where to read what {@link take} has passed over. */
  get buffer(): Buffer {
    return this.#buffer
  }

  /** Bytes that are left. */
  get remaining(): number {
    return this.#buffer.length - this.#at
  }

  /** Passes over so many bytes. @returns where they begin. @throws RangeError if they are not there. */
  take(count: number): number {
    const at = this.#at
    if (count > this.remaining) {
      throw new RangeError(`it ends at byte ${this.#buffer.length}, in the middle of a value`)
    }
    this.#at = at + count
    return at
  }

  /** @throws RangeError at the end. */
  byte(): number {
    return this.#buffer[this.take(1)] ?? 0
  }

  /** A copy, because a view would keep the whole body alive. @throws RangeError */
  bytes(count: number): Uint8Array {
    const at = this.take(count)
    return new Uint8Array(this.#buffer.subarray(at, at + count))
  }

  /** Up to the next line feed, which is passed over; each byte a character. @throws RangeError */
  line(): string {
    const end = this.#buffer.indexOf(0x0a, this.#at)
    if (end === -1) throw new RangeError('it ends in the middle of a line')
    const text = this.#buffer.toString('latin1', this.#at, end)
    this.#at = end + 1
    return text
  }

  /** @throws RangeError; DecodeError for bytes that are not UTF-8. */
  utf8(byteCount: number): string {
    const at = this.take(byteCount)
    const short = byteCount <= 12 ? this.#ascii(at, at + byteCount) : undefined
    if (short !== undefined) return short
    const text = this.#buffer.toString('utf8', at, at + byteCount)
    // What stands for invalid bytes, or really is in the text.
    return text.includes('\ufffd')
      ? decodeText(this.#buffer.subarray(at, at + byteCount), 'utf-8')
      : text
  }

  /** For a few characters faster than the platform. @returns undefined if one is not ASCII. */
  #ascii(start: number, end: number): string | undefined {
    let text = ''
    for (let at = start; at < end; at += 1) {
      const byte = this.#buffer[at] ?? 0
      if (byte > 0x7f) return undefined
      text += String.fromCharCode(byte)
    }
    return text
  }
}
