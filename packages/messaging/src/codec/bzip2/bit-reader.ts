/** Bits of a byte sequence, from the highest bit of each byte. */
export class BitReader {
  readonly #bytes: Uint8Array
  #at = 0
  #buffer = 0
  #buffered = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** Whether less than a whole byte is left. */
  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length
  }

  /** @param count 1 to 24. @throws RangeError when the bytes end. */
  bits(count: number): number {
    while (this.#buffered < count) this.#fill()
    this.#buffered -= count
    return (this.#buffer >>> this.#buffered) & ((1 << count) - 1)
  }

  /** 32 bits, unsigned. @throws RangeError when the bytes end. */
  word(): number {
    return this.bits(16) * 0x10000 + this.bits(16)
  }

  /** Goes to the next byte boundary. */
  align(): void {
    this.#buffered -= this.#buffered % 8
  }

  #fill(): void {
    const byte = this.#bytes[this.#at]
    if (byte === undefined) throw new RangeError('it ends in the middle')
    this.#at += 1
    this.#buffer = (this.#buffer << 8) | byte
    this.#buffered += 8
  }
}
