import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { BoundedOutput } from '../bounded-output.ts'
import type { ByteReader } from './byte-reader.ts'
import { crc64 } from './crc64.ts'
import { readLzma2 } from './lzma2-reader.ts'

/** The first bytes of a .xz file, after its 0xfd. */
const magic = 0x377a585a00

const lzma2Filter = 0x21

/** How the content of each block is checked, by the number in the stream's header. */
interface Check {
  readonly bytes: number
  readonly of?: (content: Uint8Array) => Uint8Array
}

const checks: ReadonlyMap<number, Check> = new Map([
  [0, { bytes: 0 }],
  [1, { bytes: 4, of: crc32Bytes }],
  [4, { bytes: 8, of: crc64 }],
  [10, { bytes: 32, of: (content) => createHash('sha256').update(content).digest() }],
])

interface BlockSizes {
  readonly unpadded: number
  readonly plain: number
}

/**
 * Reads one stream of the .xz format, and the padding that may come after it. Source: the .xz file
 * format, 1.2.1.
 *
 * @throws RangeError for bytes that are none; DecodeError `TOO_LARGE`
 */
export function readXzStream(reader: ByteReader, output: BoundedOutput): void {
  const start = reader.position
  const flags = readStreamHeader(reader)
  const check = checks.get(flags)
  if (check === undefined) throw new RangeError(`it is checked in the unknown way ${flags}`)

  const blocks: BlockSizes[] = []
  while (reader.peek() !== 0) blocks.push(readBlock(reader, output, check))
  const indexBytes = readIndex(reader, blocks)
  readStreamFooter(reader, { flags, indexBytes })
  while (reader.peek() === 0) reader.byte()
  if ((reader.position - start) % 4 !== 0) throw new RangeError('its padding has a wrong length')
}

function readStreamHeader(reader: ByteReader): number {
  if (reader.byte() !== 0xfd || reader.bigEndian(5) !== magic) {
    throw new RangeError('a stream does not begin with the bytes of .xz')
  }
  const start = reader.position
  const flags = reader.bigEndian(2)
  reader.checksum(start)
  return flags
}

function readBlock(reader: ByteReader, output: BoundedOutput, check: Check): BlockSizes {
  const start = reader.position
  const plainStart = output.length
  const { compressed, plain } = readBlockHeader(reader)
  const dataStart = reader.position
  readLzma2(reader, output)
  const dataBytes = reader.position - dataStart
  const plainBytes = output.length - plainStart
  if ((compressed ?? dataBytes) !== dataBytes || (plain ?? plainBytes) !== plainBytes) {
    throw new RangeError('a block does not have the size that it says')
  }

  const unpadded = reader.position - start + check.bytes
  reader.padding(dataStart)
  const found = reader.bytes(check.bytes)
  const expected = check.of?.(output.from(plainStart)) ?? found
  if (Buffer.compare(found, expected) !== 0) {
    throw new RangeError('the checksum of a block is wrong')
  }
  return { unpadded, plain: plainBytes }
}

interface BlockHeader {
  readonly compressed: number | undefined
  readonly plain: number | undefined
}

function readBlockHeader(reader: ByteReader): BlockHeader {
  const start = reader.position
  const bytes = (reader.byte() + 1) * 4
  const flags = reader.byte()
  if ((flags & 0x3f) !== 0) throw new RangeError('a block has more filters than LZMA2')
  const compressed = (flags & 0x40) === 0 ? undefined : reader.variable()
  const plain = (flags & 0x80) === 0 ? undefined : reader.variable()
  const filter = reader.variable()
  if (filter !== lzma2Filter || reader.variable() !== 1) {
    throw new RangeError(`a block has the filter ${filter}, which is not LZMA2`)
  }
  // The size of the dictionary: of no interest, because all of the output is kept.
  if (reader.byte() > 40) throw new RangeError('the dictionary of a block is too large')
  while (reader.position < start + bytes - 4) {
    if (reader.byte() !== 0) throw new RangeError('the padding of a header is not empty')
  }
  reader.checksum(start)
  if (reader.position !== start + bytes) throw new RangeError('a header has a wrong size')
  return { compressed, plain }
}

/** @returns its size. */
function readIndex(reader: ByteReader, blocks: readonly BlockSizes[]): number {
  const start = reader.position
  reader.byte()
  let isRight = reader.variable() === blocks.length
  for (const { unpadded, plain } of blocks) {
    if (!isRight) break
    isRight = reader.variable() === unpadded && reader.variable() === plain
  }
  if (!isRight) throw new RangeError('its index does not tell the sizes of its blocks')
  reader.padding(start)
  reader.checksum(start)
  return reader.position - start
}

function readStreamFooter(
  reader: ByteReader,
  { flags, indexBytes }: { readonly flags: number; readonly indexBytes: number },
): void {
  const expected = reader.littleEndian(4)
  const start = reader.position
  const backward = reader.bytes(6)
  const isRight =
    crc32(backward) === expected &&
    new DataView(backward.buffer, backward.byteOffset).getUint32(0, true) === indexBytes / 4 - 1 &&
    (backward[4] ?? 0) * 256 + (backward[5] ?? 0) === flags &&
    reader.bigEndian(2) === 0x595a
  if (!isRight || reader.position !== start + 8)
    throw new RangeError('the end of a stream is wrong')
}

function crc32Bytes(content: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, crc32(content), true)
  return bytes
}
