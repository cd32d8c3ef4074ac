import type { BitReader } from './bit-reader.ts'

const longestCode = 20

/** Reads symbols of a canonical prefix code that is given by the length of each symbol's code. */
export class HuffmanReader {
  /** By length: one more than its last code. */
  readonly #limits = new Int32Array(longestCode + 1)
  /** By length: what to add to a code to get the place of its symbol. */
  readonly #offsets = new Int32Array(longestCode + 1)
  readonly #symbols: Uint16Array

  /** @param lengths 1 to 20 each. */
  constructor(lengths: Uint8Array) {
    const counts = new Uint16Array(longestCode + 1)
    for (const length of lengths) counts[length] = (counts[length] ?? 0) + 1

    const places = new Uint16Array(longestCode + 1)
    let code = 0
    let place = 0
    for (let length = 1; length <= longestCode; length += 1) {
      const count = counts[length] ?? 0
      places[length] = place
      this.#offsets[length] = place - code
      this.#limits[length] = code + count
      place += count
      code = (code + count) << 1
    }

    this.#symbols = new Uint16Array(lengths.length)
    for (const [symbol, length] of lengths.entries()) {
      const next = places[length] ?? 0
      this.#symbols[next] = symbol
      places[length] = next + 1
    }
  }

  /** @throws RangeError for bits that are no code. */
  symbol(reader: BitReader): number {
    let code = 0
    for (let length = 1; length <= longestCode; length += 1) {
      code = (code << 1) | reader.bits(1)
      if (code < (this.#limits[length] ?? 0)) {
        const symbol = this.#symbols[code + (this.#offsets[length] ?? 0)]
        if (symbol === undefined) break
        return symbol
      }
    }
    throw new RangeError('its bits are no Huffman code')
  }
}
