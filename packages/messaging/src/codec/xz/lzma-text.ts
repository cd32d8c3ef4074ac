import { LzmaEncoder, type Match, type RepeatedMatch } from './lzma-encoder.ts'
import { longMatch, MatchFinder, maxMatch } from './match-finder.ts'
import { RangeEncoder } from './range-encoder.ts'

/** What one chunk may hold. Source: LZMA2, xz 5.8. */
const maxPlainBytes = 0x200000
const maxCompressedBytes = 0x10000

/** One literal or match is certainly shorter. */
const longestSymbolBytes = 64

/** A match of three bytes from farther away costs more than it saves. */
const farDistance = 0x4000

/** A part of a text. */
export interface CompressedChunk {
  readonly compressed: Uint8Array
  /** Where the next part begins. */
  readonly end: number
}

/** Compresses a text piece by piece, each going on from the one before. */
export class LzmaText {
  readonly #bytes: Uint8Array
  readonly #finder: MatchFinder
  readonly #encoder: LzmaEncoder
  /** What was found at the place after the last literal, while looking ahead. */
  #ahead: { readonly at: number; readonly match: Match | undefined } | undefined

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#finder = new MatchFinder(bytes)
    this.#encoder = new LzmaEncoder(bytes)
  }

  /** As much from `start` on as a chunk may hold. */
  chunk(start: number): CompressedChunk {
    const encoder = new RangeEncoder()
    const end = Math.min(this.#bytes.length, start + maxPlainBytes - maxMatch)
    let at = start
    while (at < end && encoder.length < maxCompressedBytes - longestSymbolBytes) {
      at += this.#next(encoder, at)
    }
    return { compressed: encoder.end(), end: at }
  }

  /** For when the last chunk was not used: the next one does not go on from it. */
  restart(): void {
    this.#encoder.restart()
  }

  /** @returns how many bytes were encoded. */
  #next(encoder: RangeEncoder, at: number): number {
    const repeat = this.#bestRepeat(at)
    const match = repeat.length >= longMatch ? undefined : this.#match(at)
    if (repeat.length >= 2 && repeat.length + 1 >= (match?.length ?? 0)) {
      this.#encoder.repeat(encoder, at, repeat)
      return repeat.length
    }
    if (match !== undefined && !this.#isBetterLater(at, match)) {
      this.#encoder.match(encoder, at, match)
      return match.length
    }
    if (repeat.index === 0 && repeat.length === 1) this.#encoder.shortRepeat(encoder, at)
    else this.#encoder.literal(encoder, at)
    return 1
  }

  #bestRepeat(at: number): RepeatedMatch {
    let best: RepeatedMatch = { index: 0, length: 0 }
    for (const [index, distance] of this.#encoder.distances.entries()) {
      const length = this.#finder.lengthAt(at, distance)
      if (length > best.length) best = { index, length }
      if (length >= longMatch) break
    }
    return best
  }

  #match(at: number): Match | undefined {
    const match = this.#ahead?.at === at ? this.#ahead.match : this.#finder.find(at)
    const isCostly = match?.length === 3 && match.distance > farDistance
    return isCostly ? undefined : match
  }

  #isBetterLater(at: number, { length }: Match): boolean {
    const later = this.#finder.find(at + 1)
    this.#ahead = { at: at + 1, match: later }
    return later !== undefined && later.length > length
  }
}
