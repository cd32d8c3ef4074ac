import { BitWriter } from './bit-writer.ts'
import { writeBlock } from './block-writer.ts'
import { blockCrc, streamCrc } from './crc.ts'

const level = 9
/** A few less than the level says, as bzip2 does, so that a last run always fits. */
const blockBytes = level * 100_000 - 19

/** Writes one stream of bzip2, at its level 9. */
export function writeStream(bytes: Uint8Array): Uint8Array {
  const writer = new BitWriter()
  writer.bits(24, 0x425a68)
  writer.bits(8, 0x30 + level)
  let crc = 0
  for (let at = 0; at < bytes.length; ) {
    const { block, end } = withoutRuns(bytes, at)
    const plainCrc = blockCrc(bytes.subarray(at, end))
    writer.bits(24, 0x314159)
    writer.bits(24, 0x265359)
    writer.word(plainCrc)
    writeBlock(writer, block)
    crc = streamCrc(crc, plainCrc)
    at = end
  }
  writer.bits(24, 0x177245)
  writer.bits(24, 0x385090)
  writer.word(crc)
  return writer.bytes()
}

interface FirstRuns {
  readonly block: Uint8Array
  /** Where the next block begins. */
  readonly end: number
}

/** As many bytes as fit into a block, with runs of 4 to 255 as four bytes and how many more. */
function withoutRuns(bytes: Uint8Array, start: number): FirstRuns {
  const block = new Uint8Array(Math.min(blockBytes, Math.ceil(1.25 * (bytes.length - start))) + 5)
  let length = 0
  let at = start
  while (at < bytes.length && length < blockBytes - 4) {
    const run = runLength(bytes, at)
    const shown = Math.min(run, 4)
    block.fill(bytes[at] ?? 0, length, length + shown)
    length += shown
    if (shown === 4) {
      block[length] = run - 4
      length += 1
    }
    at += run
  }
  return { block: block.subarray(0, length), end: at }
}

function runLength(bytes: Uint8Array, start: number): number {
  const end = Math.min(bytes.length, start + 255)
  let at = start + 1
  while (at < end && bytes[at] === bytes[start]) at += 1
  return at - start
}
