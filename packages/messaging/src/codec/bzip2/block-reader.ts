import type { BoundedOutput } from '../bounded-output.ts'
import type { BitReader } from './bit-reader.ts'
import { type BlockCodes, groupSymbols, moveToFront, readBlockCodes } from './block-codes.ts'
import { blockCrc } from './crc.ts'

const runA = 0
const runB = 1

/**
 * Reads one block, after its magic number.
 *
 * @param maxLength bytes that a block may hold, from the stream's header.
 * @returns its checksum.
 * @throws RangeError for bytes that are no block; DecodeError `TOO_LARGE`
 */
export function readBlock(reader: BitReader, output: BoundedOutput, maxLength: number): number {
  const crc = reader.word()
  if (reader.bits(1) === 1) throw new RangeError('it is randomised, as no bzip2 since 1999 writes')
  const origin = reader.bits(24)
  const sorted = readSorted(reader, readBlockCodes(reader), maxLength)
  if (origin >= sorted.length) throw new RangeError('a block begins outside itself')

  const start = output.length
  writeRuns(links(sorted), origin, output)
  if (blockCrc(output.from(start)) !== crc) throw new RangeError('the checksum of a block is wrong')
  return crc
}

/** The last column of the sorted rotations: undoes the codes, the runs, and move-to-front. */
function readSorted(reader: BitReader, given: BlockCodes, maxLength: number): Uint8Array {
  const column = new Column(maxLength)
  const recent = Uint8Array.from(given.alphabet)
  const endOfBlock = recent.length + 1
  const symbols = symbolsOf(reader, given)
  for (let symbol = symbols(); symbol !== endOfBlock; ) {
    let run = 0
    for (let weight = 1; symbol <= runB; weight *= 2) {
      run += symbol === runA ? weight : 2 * weight
      if (run > maxLength) throw new RangeError('a run is longer than a block')
      symbol = symbols()
    }
    column.repeat(recent[0] ?? 0, run)
    if (symbol === endOfBlock) break
    column.repeat(moveToFront(recent, symbol - 1), 1)
    symbol = symbols()
  }
  return column.bytes()
}

function symbolsOf(reader: BitReader, { codes, selectors }: BlockCodes): () => number {
  let group = 0
  let left = 0
  let code = codes[0]
  return () => {
    if (left === 0) {
      code = codes[selectors[group] ?? codes.length]
      group += 1
      left = groupSymbols
    }
    left -= 1
    if (code === undefined) throw new RangeError('a block has more symbols than groups')
    return code.symbol(reader)
  }
}

/** Bytes that grow up to the length of a block, so that a small body needs little memory. */
class Column {
  readonly #maxLength: number
  #bytes = new Uint8Array(4096)
  #length = 0

  constructor(maxLength: number) {
    this.#maxLength = maxLength
  }

  repeat(byte: number, count: number): void {
    const length = this.#length + count
    if (length > this.#maxLength) throw new RangeError('a block is longer than its stream allows')
    if (length > this.#bytes.length) this.#grow(length)
    this.#bytes.fill(byte, this.#length, length)
    this.#length = length
  }

  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  #grow(length: number): void {
    const larger = new Uint8Array(Math.max(length, 2 * this.#bytes.length))
    larger.set(this.bytes())
    this.#bytes = larger
  }
}

/** For each place in the first column: where its rotation goes on, times 256, and its byte. */
function links(lastColumn: Uint8Array): Uint32Array {
  const places = new Uint32Array(256)
  for (const byte of lastColumn) places[byte] = (places[byte] ?? 0) + 1
  let sum = 0
  for (let byte = 0; byte < 256; byte += 1) {
    const count = places[byte] ?? 0
    places[byte] = sum
    sum += count
  }
  const links = new Uint32Array(lastColumn.length)
  for (let at = 0; at < lastColumn.length; at += 1) {
    const byte = lastColumn[at] ?? 0
    const place = places[byte] ?? 0
    places[byte] = place + 1
    links[place] = (at << 8) | byte
  }
  return links
}

/** Follows the links, and undoes the first runs: four equal bytes, then how many more. */
function writeRuns(links: Uint32Array, origin: number, output: BoundedOutput): void {
  let place = origin
  let equal = 0
  let last = -1
  for (let count = 0; count < links.length; count += 1) {
    const link = links[place] ?? 0
    const byte = link & 0xff
    place = link >>> 8
    if (equal === 4) {
      output.repeat(last, byte)
      equal = 0
      last = -1
      continue
    }
    equal = byte === last ? equal + 1 : 1
    last = byte
    output.push(byte)
  }
}
