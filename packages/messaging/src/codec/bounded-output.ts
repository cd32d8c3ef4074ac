import type { DecompressLimits } from './compressor.ts'
import { tooLarge } from './decompress-error.ts'

const firstBytes = 16 * 1024

/**
 * What comes out of a decompressor, in one piece that grows as it fills, up to a bound. It is also
 * the window that earlier output is copied from.
 */
export class BoundedOutput {
  readonly #input: Uint8Array
  readonly #maxBytes: number
  #bytes: Uint8Array
  #length = 0

  /** @param input what is decompressed, for its size in the error. */
  constructor(input: Uint8Array, { maxBytes }: DecompressLimits) {
    this.#input = input
    this.#maxBytes = maxBytes
    this.#bytes = new Uint8Array(Math.min(firstBytes, maxBytes))
  }

  /** Bytes that have come out. */
  get length(): number {
    return this.#length
  }

  /** What has come out after `start`, as a view. */
  from(start: number): Uint8Array {
    return this.#bytes.subarray(start, this.#length)
  }

  /** The byte that came out `distance` bytes ago; 1 is the last one. 0 if there is none. */
  back(distance: number): number {
    return this.#bytes[this.#length - distance] ?? 0
  }

  /** @throws DecodeError `TOO_LARGE` */
  push(byte: number): void {
    if (this.#length === this.#bytes.length) this.#grow(1)
    this.#bytes[this.#length] = byte
    this.#length += 1
  }

  /** @throws DecodeError `TOO_LARGE` */
  repeat(byte: number, count: number): void {
    this.#reserve(count)
    this.#bytes.fill(byte, this.#length, this.#length + count)
    this.#length += count
  }

  /** @throws DecodeError `TOO_LARGE` */
  append(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
  }

  /**
   * Copies `count` bytes that came out `distance` ago; they may reach into themselves.
   *
   * @param distance at most {@link length}.
   * @throws DecodeError `TOO_LARGE`
   */
  copy(distance: number, count: number): void {
    this.#reserve(count)
    const bytes = this.#bytes
    const end = this.#length + count
    for (let at = this.#length; at < end; at += 1) bytes[at] = bytes[at - distance] ?? 0
    this.#length = end
  }

  #reserve(count: number): void {
    if (this.#length + count > this.#bytes.length) this.#grow(count)
  }

  #grow(count: number): void {
    const needed = this.#length + count
    if (needed > this.#maxBytes) throw tooLarge(this.#input, this.#maxBytes)
    const larger = new Uint8Array(
      Math.min(Math.max(needed, 2 * this.#bytes.length), this.#maxBytes),
    )
    larger.set(this.from(0))
    this.#bytes = larger
  }
}
