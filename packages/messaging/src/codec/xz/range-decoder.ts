import type { ByteReader } from './byte-reader.ts'

/**
 * Reads decisions that were coded with adaptive probabilities. A model is an array of
 * probabilities, which follow what is read. Source: LZMA specification, 9.22.
 */
export class RangeDecoder {
  readonly #reader: ByteReader
  #range = 0
  #code = 0

  /** @throws RangeError when the bytes end. */
  constructor(reader: ByteReader) {
    this.#reader = reader
    if (reader.byte() !== 0) throw new RangeError('compressed data does not begin with 0')
    this.#range = 0xffffffff
    this.#code = reader.bigEndian(4)
  }

  /** Whether nothing is left in it: true after the last decision of a whole piece. */
  get isFinished(): boolean {
    return this.#code === 0
  }

  /** Makes room for the next decision, as the encoder did after the last one. */
  normalize(): void {
    if (this.#range >= 0x1000000) return
    this.#range = (this.#range << 8) >>> 0
    this.#code = ((this.#code << 8) | this.#reader.byte()) >>> 0
  }

  /** 0 or 1, by the probability at a place of a model. */
  bit(model: Uint16Array, place: number): number {
    this.normalize()
    const probability = model[place] ?? 0
    const bound = (this.#range >>> 11) * probability
    if (this.#code < bound) {
      this.#range = bound
      model[place] = probability + ((2048 - probability) >> 5)
      return 0
    }
    this.#range -= bound
    this.#code -= bound
    model[place] = probability - (probability >> 5)
    return 1
  }

  /** A number of `bits` bits, highest first, by the tree of probabilities that begins at `root`. */
  tree(model: Uint16Array, root: number, bits: number): number {
    let node = 1
    for (let count = 0; count < bits; count += 1) node = (node << 1) | this.bit(model, root + node)
    return node - (1 << bits)
  }

  /** The same, lowest bit first. */
  reverseTree(model: Uint16Array, root: number, bits: number): number {
    let node = 1
    let value = 0
    for (let count = 0; count < bits; count += 1) {
      const bit = this.bit(model, root + node)
      node = (node << 1) | bit
      value |= bit << count
    }
    return value
  }

  /** A number of `bits` bits that are 0 or 1 with even odds. */
  direct(bits: number): number {
    let value = 0
    for (let count = 0; count < bits; count += 1) {
      this.normalize()
      this.#range >>>= 1
      const bit = this.#code >= this.#range ? 1 : 0
      if (bit === 1) this.#code -= this.#range
      value = (value << 1) | bit
    }
    return value
  }
}
