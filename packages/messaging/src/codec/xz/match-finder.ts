import type { Match } from './lzma-encoder.ts'

/** The longest match that LZMA can say. */
export const maxMatch = 273

/** How far back a match may begin, as at liblzma's preset 6. */
export const dictionaryBytes: number = 8 * 1024 * 1024

/** Earlier places that are tried. More would find longer matches, slower. */
const maxTries = 24

/** A match that is long enough to look no further, as at liblzma's preset 6. */
export const longMatch = 64

/** Finds earlier occurrences of what comes next in a text, by the hash of three bytes. */
export class MatchFinder {
  readonly #bytes: Uint8Array
  /** By hash: the latest place, plus 1. */
  readonly #latest: Int32Array
  /** By place in the dictionary: the place before it with the same hash, plus 1. */
  readonly #earlier: Int32Array
  readonly #hashShift: number
  /** Places from here on are not known yet. */
  #known = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#earlier = new Int32Array(Math.min(bytes.length, dictionaryBytes))
    // About as many hashes as places, so that a short text is not slow.
    const hashBits = Math.min(Math.max(8, 32 - Math.clz32(bytes.length)), 17)
    this.#latest = new Int32Array(1 << hashBits)
    this.#hashShift = 32 - hashBits
  }

  /**
   * A long match for the bytes at `at`, of 3 bytes or more, the nearest one if there are several;
   * undefined if there is none. Places are to be asked for in ascending order.
   */
  find(at: number): Match | undefined {
    this.#learn(at)
    let length = 2
    let distance = 0
    let candidate = (this.#latest[this.#hash(at)] ?? 0) - 1
    for (let tries = 0; tries < maxTries && length < longMatch; tries += 1) {
      if (candidate < 0 || at - candidate >= this.#earlier.length) break
      // Most candidates fail here already.
      const mayBeLonger = this.#bytes[candidate + length] === this.#bytes[at + length]
      const found = mayBeLonger ? this.lengthAt(at, at - candidate) : 0
      if (found > length) {
        length = found
        distance = at - candidate
      }
      candidate = (this.#earlier[candidate % this.#earlier.length] ?? 0) - 1
    }
    return distance === 0 ? undefined : { length, distance }
  }

  /** How many bytes from `at` on are the same as those `distance` before them, up to 273. */
  lengthAt(at: number, distance: number): number {
    const bytes = this.#bytes
    const limit = distance > at ? 0 : Math.min(maxMatch, bytes.length - at)
    let length = 0
    while (length < limit && bytes[at + length] === bytes[at + length - distance]) length += 1
    return length
  }

  /** Remembers the places before `at`. */
  #learn(at: number): void {
    for (; this.#known < at; this.#known += 1) {
      const hash = this.#hash(this.#known)
      this.#earlier[this.#known % this.#earlier.length] = this.#latest[hash] ?? 0
      this.#latest[hash] = this.#known + 1
    }
  }

  #hash(at: number): number {
    const bytes = this.#bytes
    const three = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0)
    return Math.imul(three, 0x9e3779b1) >>> this.#hashShift
  }
}
