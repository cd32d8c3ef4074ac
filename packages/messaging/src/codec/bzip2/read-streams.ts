import { BoundedOutput } from '../bounded-output.ts'
import type { DecompressLimits } from '../compressor.ts'
import { BitReader } from './bit-reader.ts'
import { readBlock } from './block-reader.ts'
import { streamCrc } from './crc.ts'

const blockMagic = 0x314159265359
const endMagic = 0x177245385090

/**
 * Reads a file of bzip2: one stream, or several one after another.
 *
 * @throws RangeError for bytes that are no such file; DecodeError `TOO_LARGE`
 */
export function readStreams(bytes: Uint8Array, limits: DecompressLimits): Uint8Array {
  const reader = new BitReader(bytes)
  const output = new BoundedOutput(bytes, limits)
  do readStream(reader, output)
  while (!reader.isAtEnd)
  return output.from(0)
}

function readStream(reader: BitReader, output: BoundedOutput): void {
  const level = readLevel(reader)
  let crc = 0
  let magic = readMagic(reader)
  while (magic === blockMagic) {
    crc = streamCrc(crc, readBlock(reader, output, level * 100_000))
    magic = readMagic(reader)
  }
  if (magic !== endMagic) throw new RangeError('it has neither a block nor an end where it should')
  if (reader.word() !== crc) throw new RangeError('the checksum of a stream is wrong')
  reader.align()
}

/** 'BZh', then the size of blocks in units of 100,000 bytes as a digit. */
function readLevel(reader: BitReader): number {
  const isBzip2 = reader.bits(24) === 0x425a68
  const level = reader.bits(8) - 0x30
  if (isBzip2 && level >= 1 && level <= 9) return level
  throw new RangeError("a stream does not begin with 'BZh' and a digit from 1 to 9")
}

function readMagic(reader: BitReader): number {
  return reader.bits(24) * 0x1000000 + reader.bits(24)
}
