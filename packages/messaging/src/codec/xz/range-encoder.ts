import { ByteWriter } from './byte-writer.ts'

/** Writes decisions with adaptive probabilities: the other side of the RangeDecoder. */
export class RangeEncoder {
  readonly #output = new ByteWriter()
  /** Below 2 ** 33: bit 32 is a carry into what was written. */
  #low = 0
  #range = 0xffffffff
  /** The last byte, and how many bytes of 0xff after it a carry would still change. */
  #pending = 0
  #pendingCount = 1

  /** Bytes that would come out if it ended now. */
  get length(): number {
    return this.#output.length + this.#pendingCount + 4
  }

  /** 0 or 1, by the probability at a place of a model. */
  bit(model: Uint16Array, place: number, bit: number): void {
    const probability = model[place] ?? 0
    const bound = (this.#range >>> 11) * probability
    if (bit === 0) {
      this.#range = bound
      model[place] = probability + ((2048 - probability) >> 5)
    } else {
      this.#low += bound
      this.#range -= bound
      model[place] = probability - (probability >> 5)
    }
    this.#normalize()
  }

  /** The lowest bits of a number, highest first, by the tree that begins at `root`. */
  tree(model: Uint16Array, root: number, number: BitField): void {
    let node = 1
    for (let at = number.bits - 1; at >= 0; at -= 1) {
      const bit = (number.value >>> at) & 1
      this.bit(model, root + node, bit)
      node = (node << 1) | bit
    }
  }

  /** The same, lowest bit first. */
  reverseTree(model: Uint16Array, root: number, number: BitField): void {
    let node = 1
    for (let at = 0; at < number.bits; at += 1) {
      const bit = (number.value >>> at) & 1
      this.bit(model, root + node, bit)
      node = (node << 1) | bit
    }
  }

  /** Bits that are 0 or 1 with even odds, highest first. */
  direct({ value, bits }: BitField): void {
    for (let at = bits - 1; at >= 0; at -= 1) {
      this.#range >>>= 1
      if (((value >>> at) & 1) === 1) this.#low += this.#range
      this.#normalize()
    }
  }

  /** Writes what is pending, and returns all of it. */
  end(): Uint8Array {
    for (let byte = 0; byte < 5; byte += 1) this.#shift()
    return this.#output.from(0)
  }

  #normalize(): void {
    if (this.#range >= 0x1000000) return
    this.#range = (this.#range << 8) >>> 0
    this.#shift()
  }

  #shift(): void {
    if (this.#low < 0xff000000 || this.#low > 0xffffffff) {
      const carry = this.#low > 0xffffffff ? 1 : 0
      this.#output.byte(this.#pending + carry)
      for (; this.#pendingCount > 1; this.#pendingCount -= 1) this.#output.byte(0xff + carry)
      this.#pending = (this.#low >>> 24) & 0xff
      this.#pendingCount = 0
    }
    this.#pendingCount += 1
    this.#low = (this.#low & 0xffffff) * 256
  }
}

/** A number of which only the lowest bits count. */
export interface BitField {
  readonly value: number
  readonly bits: number
}
