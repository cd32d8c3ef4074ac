import { ByteOutput } from '../byte-output.ts'
import { code } from './machine.ts'

/** Writes the instructions of a pickle. Source: Python's `pickletools`. */
export class InstructionWriter {
  readonly #output = new ByteOutput()

  /** What was written so far, as a view. */
  written(): Uint8Array {
    return this.#output.written()
  }

  /** Instructions without arguments. Those with a letter are written as it. */
  plain(...instructions: readonly (string | number)[]): void {
    for (const one of instructions) this.#output.byte(typeof one === 'string' ? code(one) : one)
  }

  /** The class or function of Python that the next {@link plain} `R` calls. */
  global(module: string, name: string): void {
    const line = `c${module}\n${name}\n`
    this.#output.utf8(line, line.length)
  }

  /** @param text without half surrogate pairs. */
  text(text: string): void {
    const byteCount = Buffer.byteLength(text)
    this.#length({ short: 0x8c, long: code('X') }, byteCount)
    this.#output.utf8(text, byteCount)
  }

  bytes(bytes: Uint8Array): void {
    this.#length({ short: code('C'), long: code('B') }, bytes.length)
    this.#output.bytes(bytes)
  }

  /** A number that is no safe integer is a float of Python. */
  number(value: number): void {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) this.#float(value)
    else if (value >= 0 && value < 0x100) this.plain('K', value)
    else if (value >= -0x80000000 && value < 0x80000000) this.#int32(code('J'), value)
    else this.#long(BigInt(value))
  }

  bigint(value: bigint): void {
    const isShort = value >= -0x80000000n && value < 0x80000000n
    if (isShort) this.number(Number(value))
    else this.#long(value)
  }

  #float(value: number): void {
    this.plain('G')
    const at = this.#output.reserve(8)
    this.#output.buffer.writeDoubleBE(value, at)
  }

  /** In two's complement, lowest byte first. */
  #long(value: bigint): void {
    const magnitude = (value < 0n ? -value - 1n : value).toString(16)
    const bits = 4 * magnitude.length - Math.clz32(Number.parseInt(magnitude.slice(0, 1), 16)) + 28
    // One more bit, for the sign.
    const byteCount = Math.floor(bits / 8) + 1
    const hex = BigInt.asUintN(8 * byteCount, value)
      .toString(16)
      .padStart(2 * byteCount, '0')
    this.#length({ short: 0x8a, long: 0x8b }, byteCount)
    this.#output.bytes(Buffer.from(hex, 'hex').reverse())
  }

  #length(
    { short, long }: { readonly short: number; readonly long: number },
    length: number,
  ): void {
    if (length < 0x100) this.plain(short, length)
    else this.#int32(long, length)
  }

  #int32(instruction: number, value: number): void {
    const at = this.#output.reserve(5)
    this.#output.buffer[at] = instruction
    this.#output.buffer.writeInt32LE(value | 0, at + 1)
  }
}
