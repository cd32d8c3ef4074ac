import {
  afterLiteral,
  alignBits,
  evenModels,
  evenOdds,
  firstDirectSlot,
  firstModelledSlot,
  type LengthModels,
  type LzmaModels,
  type LzmaProperties,
  literalModelSize,
  minMatch,
} from './lzma-models.ts'
import type { RangeEncoder } from './range-encoder.ts'

/** What nearly every .xz file has. */
export const properties: LzmaProperties = {
  literalContextBits: 3,
  literalPositionBits: 0,
  positionBits: 2,
}

/** The same in one byte. */
export const propertiesByte: number = (2 * 5 + 0) * 9 + 3

const positionMask = 3

/** Encodes literals and matches of a text in LZMA: the other side of the LzmaDecoder. */
export class LzmaEncoder {
  readonly #bytes: Uint8Array
  readonly #models: LzmaModels = evenModels()
  #state = 0
  /** The last four distances, the latest first: 1 is the byte before. */
  #distances: readonly number[] = [1, 1, 1, 1]

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** The last four distances of matches, the latest first. They cost little to repeat. */
  get distances(): readonly number[] {
    return this.#distances
  }

  /** Forgets everything that was encoded. */
  restart(): void {
    this.#models.all.fill(evenOdds)
    this.#state = 0
    this.#distances = [1, 1, 1, 1]
  }

  /** The byte at `at` as it is. */
  literal(encoder: RangeEncoder, at: number): void {
    this.#isMatch(encoder, at, 0)
    const byte = this.#bytes[at] ?? 0
    const before = this.#bytes[at - 1] ?? 0
    const model = literalModelSize * (before >> (8 - properties.literalContextBits))
    if (this.#state < 7) {
      encoder.tree(this.#models.literals, model, { value: byte, bits: 8 })
    } else {
      this.#literalBeside(encoder, at, model)
    }
    this.#state = afterLiteral(this.#state)
  }

  /** The one byte that the last distance is about. */
  shortRepeat(encoder: RangeEncoder, at: number): void {
    this.#isMatch(encoder, at, 1)
    encoder.bit(this.#models.isRepeat, this.#state, 1)
    encoder.bit(this.#models.isNotLast, this.#state, 0)
    encoder.bit(this.#models.isLastLong, this.#positioned(at), 0)
    this.#state = this.#state < 7 ? 9 : 11
  }

  /** 2 to 273 bytes at one of the last four distances. */
  repeat(encoder: RangeEncoder, at: number, match: RepeatedMatch): void {
    const { isRepeat, isNotLast, isLastLong, isNotSecond, isFourth, repeatLengths } = this.#models
    this.#isMatch(encoder, at, 1)
    encoder.bit(isRepeat, this.#state, 1)
    encoder.bit(isNotLast, this.#state, match.index === 0 ? 0 : 1)
    if (match.index === 0) encoder.bit(isLastLong, this.#positioned(at), 1)
    else encoder.bit(isNotSecond, this.#state, match.index === 1 ? 0 : 1)
    if (match.index >= 2) encoder.bit(isFourth, this.#state, match.index - 2)
    encodeLength(encoder, repeatLengths, { length: match.length, position: at & positionMask })
    const distance = this.#distances[match.index] ?? 1
    this.#distances = [distance, ...this.#distances.toSpliced(match.index, 1)]
    this.#state = this.#state < 7 ? 8 : 11
  }

  /** 2 to 273 bytes at any distance. */
  match(encoder: RangeEncoder, at: number, match: Match): void {
    this.#isMatch(encoder, at, 1)
    encoder.bit(this.#models.isRepeat, this.#state, 0)
    const { length, distance } = match
    encodeLength(encoder, this.#models.matchLengths, { length, position: at & positionMask })
    this.#distance(encoder, match)
    this.#distances = [distance, ...this.#distances.slice(0, 3)]
    this.#state = this.#state < 7 ? 7 : 10
  }

  /** After a match the literal differs from the byte that would have gone on with it. */
  #literalBeside(encoder: RangeEncoder, at: number, model: number): void {
    const byte = this.#bytes[at] ?? 0
    const beside = this.#bytes[at - (this.#distances[0] ?? 1)] ?? 0
    let node = 1
    let isAlike = true
    for (let shift = 7; shift >= 0; shift -= 1) {
      const bit = (byte >> shift) & 1
      const expected = (beside >> shift) & 1
      const tree = isAlike ? (1 + expected) << 8 : 0
      encoder.bit(this.#models.literals, model + tree + node, bit)
      isAlike &&= bit === expected
      node = (node << 1) | bit
    }
  }

  #isMatch(encoder: RangeEncoder, at: number, bit: number): void {
    encoder.bit(this.#models.isMatch, this.#positioned(at), bit)
  }

  #positioned(at: number): number {
    return this.#state * 16 + (at & positionMask)
  }

  #distance(encoder: RangeEncoder, { length, distance }: Match): void {
    const { slots, distances, align } = this.#models
    const value = distance - 1
    const slot = slotOf(value)
    const lengthClass = Math.min(length - minMatch, 3)
    encoder.tree(slots, lengthClass * 64, { value: slot, bits: 6 })
    if (slot < firstModelledSlot) return
    const bits = (slot >> 1) - 1
    const base = (2 | (slot & 1)) << bits
    if (slot < firstDirectSlot) {
      encoder.reverseTree(distances, base - slot, { value, bits })
      return
    }
    encoder.direct({ value: value >>> alignBits, bits: bits - alignBits })
    encoder.reverseTree(align, 0, { value, bits: alignBits })
  }
}

/** A match at one of the last four distances, by its index among them. */
export interface RepeatedMatch {
  readonly index: number
  readonly length: number
}

/** A match at any distance. */
export interface Match {
  readonly length: number
  readonly distance: number
}

/** Twice the place of the highest bit, and the bit below it. */
function slotOf(value: number): number {
  if (value < firstModelledSlot) return value
  const highest = 31 - Math.clz32(value)
  return 2 * highest + ((value >>> (highest - 1)) & 1)
}

function encodeLength(
  encoder: RangeEncoder,
  models: LengthModels,
  { length, position }: { readonly length: number; readonly position: number },
): void {
  const value = length - minMatch
  encoder.bit(models.choice, 0, value < 8 ? 0 : 1)
  if (value < 8) {
    encoder.tree(models.short, position * 8, { value, bits: 3 })
    return
  }
  encoder.bit(models.choice, 1, value < 16 ? 0 : 1)
  if (value < 16) encoder.tree(models.middle, position * 8, { value: value - 8, bits: 3 })
  else encoder.tree(models.long, 0, { value: value - 16, bits: 8 })
}
