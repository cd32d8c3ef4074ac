/** Where frames are written: one piece of memory after the other, each handed on once. */

const slabBytes = 64 * 1024
const longestCharByChar = 24

/** Grows as needed. Everything is big-endian, as AMQP is. */
export class WriteBuffer {
  #memory: Buffer = Buffer.allocUnsafeSlow(slabBytes)
  #start = 0
  #end = 0

  /** Bytes written and not taken yet. */
  get length(): number {
    return this.#end - this.#start
  }

  /** A position to come back to with {@link rewind}. */
  get mark(): number {
    return this.#end - this.#start
  }

  /** Forgets what was written since the mark. */
  rewind(mark: number): void {
    this.#end = this.#start + mark
  }

  /** Everything written so far. The memory is the caller's from now on. */
  take(): Buffer {
    const taken = this.#memory.subarray(this.#start, this.#end)
    this.#start = this.#end
    return taken
  }

  uint8(value: number): this {
    this.#ensure(1)
    this.#memory[this.#end++] = value
    return this
  }

  /** The type of a field. */
  tagged(tag: number): this {
    return this.uint8(tag)
  }

  uint16(value: number): this {
    this.#ensure(2)
    this.#memory[this.#end++] = value >>> 8
    this.#memory[this.#end++] = value
    return this
  }

  uint32(value: number): this {
    this.#ensure(4)
    this.#writeUint32(this.#end, value)
    this.#end += 4
    return this
  }

  int32(value: number): this {
    return this.uint32(value)
  }

  /** A whole number below 2 ** 53. */
  uint64(value: number): this {
    return this.uint32(Math.floor(value / 2 ** 32)).uint32(value % 2 ** 32)
  }

  int64(value: bigint): this {
    this.#ensure(8)
    this.#end = this.#memory.writeBigInt64BE(value, this.#end)
    return this
  }

  float64(value: number): this {
    this.#ensure(8)
    this.#end = this.#memory.writeDoubleBE(value, this.#end)
    return this
  }

  /** Text with a length of one byte. @returns whether it fitted; nothing is written if not. */
  shortText(text: string): boolean {
    // No character of a JavaScript text is longer than 3 bytes in UTF-8.
    this.#ensure(1 + text.length * 3)
    const length = this.#writeText(text, this.#end + 1)
    if (length > 255) return false
    this.#memory[this.#end] = length
    this.#end += 1 + length
    return true
  }

  /** Text with a length of four bytes. */
  longText(text: string): this {
    this.#ensure(4 + text.length * 3)
    const length = this.#writeText(text, this.#end + 4)
    this.#writeUint32(this.#end, length)
    this.#end += 4 + length
    return this
  }

  longBytes(bytes: Uint8Array): this {
    return this.uint32(bytes.length).bytes(bytes)
  }

  bytes(bytes: Uint8Array): this {
    this.#ensure(bytes.length)
    this.#memory.set(bytes, this.#end)
    this.#end += bytes.length
    return this
  }

  /** Room for the length of what follows. @returns where, for {@link fillLength}. */
  reserveLength(): number {
    this.#ensure(4)
    this.#end += 4
    return this.mark
  }

  /** Writes the length of everything since {@link reserveLength}. */
  fillLength(start: number): void {
    this.#writeUint32(this.#start + start - 4, this.mark - start)
  }

  #writeText(text: string, at: number): number {
    if (text.length > longestCharByChar) return this.#memory.write(text, at)
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index)
      if (code > 127) return this.#memory.write(text, at)
      this.#memory[at + index] = code
    }
    return text.length
  }

  #writeUint32(at: number, value: number): void {
    this.#memory[at] = value >>> 24
    this.#memory[at + 1] = value >>> 16
    this.#memory[at + 2] = value >>> 8
    this.#memory[at + 3] = value
  }

  /** What is taken is never touched again, so growing means moving to new memory. */
  #ensure(size: number): void {
    if (this.#end + size <= this.#memory.length) return
    const used = this.length
    const grown = Buffer.allocUnsafeSlow(Math.max(slabBytes, 2 * (used + size)))
    grown.set(this.#memory.subarray(this.#start, this.#end))
    this.#memory = grown
    this.#start = 0
    this.#end = used
  }
}
