/** Bytes that are written bit by bit, from the highest bit of each byte. */
export class BitWriter {
  #bytes = new Uint8Array(1024)
  #length = 0
  #buffer = 0
  #buffered = 0

  /** @param count 1 to 24. @param value less than 2 ** count. */
  bits(count: number, value: number): void {
    this.#buffer = (this.#buffer << count) | value
    this.#buffered += count
    while (this.#buffered >= 8) {
      this.#buffered -= 8
      this.#push(this.#buffer >>> this.#buffered)
    }
  }

  /** 32 bits, unsigned. */
  word(value: number): void {
    this.bits(16, value >>> 16)
    this.bits(16, value & 0xffff)
  }

  /** The bytes so far, the last one filled up with zeros. */
  bytes(): Uint8Array {
    if (this.#buffered > 0) this.bits(8 - this.#buffered, 0)
    return this.#bytes.slice(0, this.#length)
  }

  #push(byte: number): void {
    if (this.#length === this.#bytes.length) {
      const larger = new Uint8Array(2 * this.#bytes.length)
      larger.set(this.#bytes)
      this.#bytes = larger
    }
    this.#bytes[this.#length] = byte
    this.#length += 1
  }
}
