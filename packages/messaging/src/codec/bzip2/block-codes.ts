import type { BitReader } from './bit-reader.ts'
import { HuffmanReader } from './huffman-reader.ts'

/** Symbols between two choices of a code. */
export const groupSymbols = 50

/** What a block says about itself before its symbols. */
export interface BlockCodes {
  /** The bytes that occur in it, ascending. */
  readonly alphabet: Uint8Array
  readonly codes: readonly HuffmanReader[]
  /** For each group of symbols the code that it is written in. */
  readonly selectors: Uint8Array
}

/** @throws RangeError for what no block can say. */
export function readBlockCodes(reader: BitReader): BlockCodes {
  const alphabet = readAlphabet(reader)
  const codeCount = reader.bits(3)
  const selectorCount = reader.bits(15)
  if (codeCount < 2 || codeCount > 6 || selectorCount === 0) {
    throw new RangeError(`a block has ${codeCount} codes and ${selectorCount} groups`)
  }
  const selectors = readSelectors(reader, { codeCount, selectorCount })
  // Two symbols for runs, the bytes but one, and the end of the block.
  const symbolCount = alphabet.length + 2
  const codes = Array.from({ length: codeCount }, () => readCode(reader, symbolCount))
  return { alphabet, codes, selectors }
}

/** A bit map in two levels: which sixteenths of the 256 bytes, and which bytes of those. */
function readAlphabet(reader: BitReader): Uint8Array {
  const sixteenths = reader.bits(16)
  const alphabet: number[] = []
  for (let high = 0; high < 16; high += 1) {
    if ((sixteenths & (0x8000 >> high)) === 0) continue
    const used = reader.bits(16)
    for (let low = 0; low < 16; low += 1) {
      if ((used & (0x8000 >> low)) !== 0) alphabet.push(high * 16 + low)
    }
  }
  if (alphabet.length === 0) throw new RangeError('a block has no bytes')
  return Uint8Array.from(alphabet)
}

function readSelectors(
  reader: BitReader,
  { codeCount, selectorCount }: { readonly codeCount: number; readonly selectorCount: number },
): Uint8Array {
  const selectors = new Uint8Array(selectorCount)
  const recent = Uint8Array.of(0, 1, 2, 3, 4, 5)
  for (let group = 0; group < selectorCount; group += 1) {
    let place = 0
    while (reader.bits(1) === 1) {
      place += 1
      if (place >= codeCount) throw new RangeError('a group is in a code that is not there')
    }
    selectors[group] = moveToFront(recent, place)
  }
  return selectors
}

function readCode(reader: BitReader, symbolCount: number): HuffmanReader {
  const lengths = new Uint8Array(symbolCount)
  let length = reader.bits(5)
  for (let symbol = 0; symbol < symbolCount; symbol += 1) {
    while (reader.bits(1) === 1) length += reader.bits(1) === 0 ? 1 : -1
    if (length < 1 || length > 20) throw new RangeError(`a code has ${length} bits`)
    lengths[symbol] = length
  }
  return new HuffmanReader(lengths)
}

/** Takes the value at a place of a list to its front, and returns it. */
export function moveToFront(list: Uint8Array, place: number): number {
  const value = list[place] ?? 0
  list.copyWithin(1, 0, place)
  list[0] = value
  return value
}
