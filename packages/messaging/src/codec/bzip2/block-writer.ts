import type { BitWriter } from './bit-writer.ts'
import { groupSymbols, moveToFront } from './block-codes.ts'
import { canonicalCodes, codeLengths } from './code-lengths.ts'
import { sortRotations } from './rotations.ts'

const runA = 0
const runB = 1

/** Writes one block, after its magic number and its checksum. */
export function writeBlock(writer: BitWriter, block: Uint8Array): void {
  const { lastColumn, origin } = sortRotations(block)
  const alphabet = alphabetOf(block)
  writer.bits(1, 0)
  writer.bits(24, origin)
  writeAlphabet(writer, alphabet)
  writeSymbols(writer, symbolsOf(lastColumn, alphabet), alphabet.length + 2)
}

function alphabetOf(block: Uint8Array): Uint8Array {
  const used = new Uint8Array(256)
  for (const byte of block) used[byte] = 1
  return Uint8Array.from(used.keys().filter((byte) => used[byte] === 1))
}

function writeAlphabet(writer: BitWriter, alphabet: Uint8Array): void {
  const sixteenths = new Uint16Array(16)
  for (const byte of alphabet) {
    sixteenths[byte >> 4] = (sixteenths[byte >> 4] ?? 0) | (0x8000 >> (byte & 15))
  }
  for (const used of sixteenths) writer.bits(1, used === 0 ? 0 : 1)
  for (const used of sixteenths) if (used !== 0) writer.bits(16, used)
}

/** Move-to-front, with runs of the front as numbers in the digits 1 and 2, lowest first. */
function symbolsOf(lastColumn: Uint8Array, alphabet: Uint8Array): Uint16Array {
  const symbols = new Uint16Array(lastColumn.length + 1)
  const recent = Uint8Array.from(alphabet)
  let length = 0
  let run = 0

  function push(symbol: number): void {
    symbols[length] = symbol
    length += 1
  }

  function endRun(): void {
    for (; run > 0; run = (run - 1) >> 1) push(run % 2 === 1 ? runA : runB)
  }

  for (const byte of lastColumn) {
    if (byte === recent[0]) {
      run += 1
      continue
    }
    endRun()
    const place = recent.indexOf(byte)
    moveToFront(recent, place)
    push(place + 1)
  }
  endRun()
  push(alphabet.length + 1)
  return symbols.subarray(0, length)
}

/**
 * The format has room for up to six codes and wants at least two. One is enough for us: it costs a
 * few per cent, and the second is given as the same one.
 */
function writeSymbols(writer: BitWriter, symbols: Uint16Array, symbolCount: number): void {
  const counts = new Uint32Array(symbolCount)
  for (const symbol of symbols) counts[symbol] = (counts[symbol] ?? 0) + 1
  const lengths = codeLengths(counts)
  const codes = canonicalCodes(lengths)

  writer.bits(3, 2)
  const groups = Math.ceil(symbols.length / groupSymbols)
  writer.bits(15, groups)
  for (let group = 0; group < groups; group += 1) writer.bits(1, 0)
  writeCode(writer, lengths)
  writeCode(writer, lengths)
  for (const symbol of symbols) writer.bits(lengths[symbol] ?? 0, codes[symbol] ?? 0)
}

/** The first length, then how each differs from the one before it, in steps. */
function writeCode(writer: BitWriter, lengths: Uint8Array): void {
  let current = lengths[0] ?? 0
  writer.bits(5, current)
  for (const length of lengths) {
    for (; current < length; current += 1) writer.bits(2, 0b10)
    for (; current > length; current -= 1) writer.bits(2, 0b11)
    writer.bits(1, 0)
  }
}
