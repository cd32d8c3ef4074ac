/** Bytes that grow as they are written. */
export class ByteOutput {
  #buffer: Buffer = Buffer.allocUnsafe(512)
  #length = 0

  /** Where to write what {@link reserve} has made room for. Another one after each call of it. */
  get buffer(): Buffer {
    return this.#buffer
  }

  /** Makes room for so many bytes. @returns where they begin. */
  reserve(count: number): number {
    const at = this.#length
    const needed = at + count
    if (needed > this.#buffer.length) this.#grow(needed)
    this.#length = needed
    return at
  }

  byte(value: number): void {
    const at = this.reserve(1)
    this.#buffer[at] = value
  }

  bytes(values: Uint8Array): void {
    const at = this.reserve(values.length)
    this.#buffer.set(values, at)
  }

  /** @param byteCount of the text in UTF-8. */
  utf8(text: string, byteCount: number): void {
    const at = this.reserve(byteCount)
    this.#buffer.write(text, at, byteCount, 'utf8')
  }

  /**
   * Writes a text that is short and ASCII, which most are, faster than the platform does; after a
   * byte that says its length.
   *
   * @param kind what the length is added to.
   * @returns false, with nothing written, for a text that is not ASCII.
   */
  shortAscii(text: string, kind: number): boolean {
    const { length } = text
    const at = this.reserve(1 + length)
    const buffer = this.#buffer
    buffer[at] = kind + length
    for (let index = 0; index < length; index += 1) {
      const code = text.charCodeAt(index)
      if (code > 0x7f) {
        this.#length = at
        return false
      }
      buffer[at + 1 + index] = code
    }
    return true
  }

  /** All that was written, as a view. */
  written(): Uint8Array {
    return this.#buffer.subarray(0, this.#length)
  }

  #grow(needed: number): void {
    const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#buffer.length))
    larger.set(this.written())
    this.#buffer = larger
  }
}
