/** The three numbers that say which contexts LZMA looks at. Source: LZMA specification. */
export interface LzmaProperties {
  /** Bits of the byte before that choose the model of a literal, 0 to 4. */
  readonly literalContextBits: number
  /** Bits of the position that do, 0 to 4; together with the context at most 4. */
  readonly literalPositionBits: number
  /** Bits of the position that choose the other models, 0 to 4. */
  readonly positionBits: number
}

/** @throws RangeError for what neither .xz nor .lzma files may say. */
export function readProperties(byte: number): LzmaProperties {
  const literalContextBits = byte % 9
  const literalPositionBits = Math.trunc(byte / 9) % 5
  const positionBits = Math.trunc(byte / 45)
  if (positionBits > 4 || literalContextBits + literalPositionBits > 4) {
    throw new RangeError(`its LZMA properties ${byte} are out of range`)
  }
  return { literalContextBits, literalPositionBits, positionBits }
}

/** What LZMA remembers of the past: 0 to 6 after a literal, 7 to 11 after a match. */
export const stateCount = 12

/** Positions that have models of their own. */
const maxPositions = 16

/** A match is at least this long. */
export const minMatch = 2

/** Distances from here on are split into a slot and further bits. */
export const firstModelledSlot = 4

/** Slots from here on have bits with even odds. */
export const firstDirectSlot = 14

/** Lowest bits of a long distance, which have a model. */
export const alignBits = 4

/** Probabilities of a literal of one context: a tree, and two for where a match has just ended. */
export const literalModelSize = 0x300

/** How the length of a match is coded: 8 short ones, 8 longer ones, 256 long ones. */
export interface LengthModels {
  readonly choice: Uint16Array
  readonly short: Uint16Array
  readonly middle: Uint16Array
  readonly long: Uint16Array
}

/** The probabilities of LZMA, for any properties. */
export interface LzmaModels {
  /** Those of all models, which are parts of it: filled to start afresh. */
  readonly all: Uint16Array
  readonly isMatch: Uint16Array
  readonly isRepeat: Uint16Array
  readonly isNotLast: Uint16Array
  readonly isNotSecond: Uint16Array
  readonly isFourth: Uint16Array
  readonly isLastLong: Uint16Array
  readonly slots: Uint16Array
  readonly distances: Uint16Array
  readonly align: Uint16Array
  readonly matchLengths: LengthModels
  readonly repeatLengths: LengthModels
  readonly literals: Uint16Array
}

/** A probability of one half, out of 2048: what every model begins with. */
export const evenOdds = 1024

/** Models at even odds. */
export function evenModels(): LzmaModels {
  const all = new Uint16Array(14_148).fill(evenOdds)
  let used = 0

  function part(count: number): Uint16Array {
    used += count
    return all.subarray(used - count, used)
  }

  const lengths = (): LengthModels => ({
    choice: part(2),
    short: part(maxPositions * 8),
    middle: part(maxPositions * 8),
    long: part(256),
  })

  return {
    all,
    isMatch: part(stateCount * maxPositions),
    isRepeat: part(stateCount),
    isNotLast: part(stateCount),
    isNotSecond: part(stateCount),
    isFourth: part(stateCount),
    isLastLong: part(stateCount * maxPositions),
    slots: part(4 * 64),
    distances: part(128),
    align: part(1 << alignBits),
    matchLengths: lengths(),
    repeatLengths: lengths(),
    literals: part(literalModelSize << 4),
  }
}

/** The state after a literal. */
export function afterLiteral(state: number): number {
  if (state < 4) return 0
  return state < 10 ? state - 3 : state - 6
}
