import type { BoundedOutput } from '../bounded-output.ts'
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
import type { RangeDecoder } from './range-decoder.ts'

/** The distance that is no distance: the end of data whose size was not told. */
const endMarker = 0xffffffff

/** Decodes LZMA into an output, which is also the dictionary. */
export class LzmaDecoder {
  readonly #output: BoundedOutput
  readonly #models: LzmaModels = evenModels()
  #properties: LzmaProperties
  /** Where in the output the dictionary begins. */
  #start: number
  #state = 0
  /** The last distance, less 1, and the three before it. */
  #distance = 0
  #second = 0
  #third = 0
  #fourth = 0

  constructor(output: BoundedOutput, properties: LzmaProperties) {
    this.#output = output
    this.#start = output.length
    this.#properties = properties
  }

  /** Forgets everything but the output. The dictionary is what came out after `start`. */
  restart(start: number, properties: LzmaProperties): void {
    this.#models.all.fill(evenOdds)
    this.#properties = properties
    this.#start = start
    this.#state = 0
    this.#distance = 0
    this.#second = 0
    this.#third = 0
    this.#fourth = 0
  }

  /**
   * Decodes up to an end marker, or until the output has `end` bytes; a match may not go beyond.
   *
   * @returns whether there was an end marker.
   * @throws RangeError for data that is none; DecodeError `TOO_LARGE`
   */
  decode(decoder: RangeDecoder, end: number): boolean {
    const output = this.#output
    const mask = (1 << this.#properties.positionBits) - 1
    while (output.length < end) {
      const position = (output.length - this.#start) & mask
      if (decoder.bit(this.#models.isMatch, this.#state * 16 + position) === 0) {
        this.#literal(decoder)
        continue
      }
      const length = this.#match(decoder, position)
      if (length === 0) return true
      if (length > end - output.length) throw new RangeError('a match goes beyond the end')
      this.#copy(length)
    }
    return false
  }

  #literal(decoder: RangeDecoder): void {
    const output = this.#output
    const { literalContextBits, literalPositionBits } = this.#properties
    const position = (output.length - this.#start) & ((1 << literalPositionBits) - 1)
    const before = output.length === this.#start ? 0 : output.back(1)
    const context = (position << literalContextBits) + (before >> (8 - literalContextBits))
    const model = literalModelSize * context
    const isAfterMatch = this.#state >= 7
    output.push(isAfterMatch ? this.#literalBeside(decoder, model) : this.#plain(decoder, model))
    this.#state = afterLiteral(this.#state)
  }

  #plain(decoder: RangeDecoder, model: number): number {
    return decoder.tree(this.#models.literals, model, 8)
  }

  /** After a match the literal differs from the byte that would have gone on with it. */
  #literalBeside(decoder: RangeDecoder, model: number): number {
    const { literals } = this.#models
    let beside = this.#output.back(this.#distance + 1)
    let node = 1
    while (node < 0x100) {
      const expected = (beside >> 7) & 1
      beside <<= 1
      const bit = decoder.bit(literals, model + ((1 + expected) << 8) + node)
      node = (node << 1) | bit
      if (bit !== expected) break
    }
    while (node < 0x100) node = (node << 1) | decoder.bit(literals, model + node)
    return node & 0xff
  }

  /** @returns the length of the match at the last distance; 0 for the end marker. */
  #match(decoder: RangeDecoder, position: number): number {
    if (decoder.bit(this.#models.isRepeat, this.#state) === 1) {
      return this.#repeatedMatch(decoder, position)
    }
    this.#fourth = this.#third
    this.#third = this.#second
    this.#second = this.#distance
    const length = readLength(decoder, this.#models.matchLengths, position)
    this.#state = this.#state < 7 ? 7 : 10
    this.#distance = this.#readDistance(decoder, length)
    return this.#distance === endMarker ? 0 : length
  }

  #repeatedMatch(decoder: RangeDecoder, position: number): number {
    const { isNotLast, isLastLong, repeatLengths } = this.#models
    const state = this.#state
    if (decoder.bit(isNotLast, state) === 1) {
      this.#takeEarlierDistance(decoder)
    } else if (decoder.bit(isLastLong, state * 16 + position) === 0) {
      this.#state = state < 7 ? 9 : 11
      return 1
    }
    this.#state = state < 7 ? 8 : 11
    return readLength(decoder, repeatLengths, position)
  }

  #takeEarlierDistance(decoder: RangeDecoder): void {
    const last = this.#distance
    if (decoder.bit(this.#models.isNotSecond, this.#state) === 0) {
      this.#distance = this.#second
    } else if (decoder.bit(this.#models.isFourth, this.#state) === 0) {
      this.#distance = this.#third
      this.#third = this.#second
    } else {
      this.#distance = this.#fourth
      this.#fourth = this.#third
      this.#third = this.#second
    }
    this.#second = last
  }

  #readDistance(decoder: RangeDecoder, length: number): number {
    const { slots, distances, align } = this.#models
    const lengthClass = Math.min(length - minMatch, 3)
    const slot = decoder.tree(slots, lengthClass * 64, 6)
    if (slot < firstModelledSlot) return slot
    const bits = (slot >> 1) - 1
    const base = ((2 | (slot & 1)) << bits) >>> 0
    if (slot < firstDirectSlot) return base + decoder.reverseTree(distances, base - slot, bits)
    const high = (decoder.direct(bits - alignBits) << alignBits) >>> 0
    return base + high + decoder.reverseTree(align, 0, alignBits)
  }

  #copy(length: number): void {
    if (this.#distance >= this.#output.length - this.#start) {
      throw new RangeError('a match begins before the data')
    }
    this.#output.copy(this.#distance + 1, length)
  }
}

function readLength(decoder: RangeDecoder, models: LengthModels, position: number): number {
  if (decoder.bit(models.choice, 0) === 0) {
    return minMatch + decoder.tree(models.short, position * 8, 3)
  }
  if (decoder.bit(models.choice, 1) === 0) {
    return minMatch + 8 + decoder.tree(models.middle, position * 8, 3)
  }
  return minMatch + 16 + decoder.tree(models.long, 0, 8)
}
