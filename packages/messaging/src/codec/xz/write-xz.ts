import { crc32 } from 'node:zlib'
import { ByteWriter } from './byte-writer.ts'
import { crc64 } from './crc64.ts'
import { writeLzma2 } from './lzma2-writer.ts'
import { dictionaryBytes } from './match-finder.ts'

const lzma2Filter = 0x21
const crc64Check = 4

/**
 * Writes one .xz stream of one block, checked by CRC-64. Source: the .xz file format, 1.2.1.
 */
export function writeXz(bytes: Uint8Array): Uint8Array {
  const writer = new ByteWriter()
  writer.byte(0xfd)
  writer.bytes(Buffer.from('7zXZ\0'))
  const flagsStart = writer.length
  writer.bigEndian(crc64Check, 2)
  writer.checksum(flagsStart)

  // Nothing has no block.
  const unpaddedBytes = bytes.length === 0 ? undefined : writeBlock(writer, bytes)
  const indexStart = writer.length
  writer.byte(0)
  writer.variable(unpaddedBytes === undefined ? 0 : 1)
  if (unpaddedBytes !== undefined) {
    writer.variable(unpaddedBytes)
    writer.variable(bytes.length)
  }
  writer.padding(indexStart)
  writer.checksum(indexStart)
  writeFooter(writer, writer.length - indexStart)
  return writer.from(0)
}

/** @returns its size without padding, as the index wants it. */
function writeBlock(writer: ByteWriter, bytes: Uint8Array): number {
  const start = writer.length
  // 12 bytes of header; one filter, no sizes.
  writer.byte(12 / 4 - 1)
  writer.byte(0)
  writer.variable(lzma2Filter)
  writer.variable(1)
  writer.byte(dictionarySize(Math.min(bytes.length, dictionaryBytes)))
  writer.padding(start)
  writer.checksum(start)

  writeLzma2(writer, bytes)
  const unpaddedBytes = writer.length - start + 8
  writer.padding(start)
  writer.bytes(crc64(bytes))
  return unpaddedBytes
}

/** The smallest of the sizes that the format can say, 2 or 3 times 2 ** 11 and up, that suffices. */
function dictionarySize(bytes: number): number {
  let size = 0
  while ((2 | (size & 1)) * 2 ** ((size >> 1) + 11) < bytes) size += 1
  return size
}

/** The checksum comes before what it is of. */
function writeFooter(writer: ByteWriter, indexBytes: number): void {
  const footer = new ByteWriter()
  footer.littleEndian(indexBytes / 4 - 1, 4)
  footer.bigEndian(crc64Check, 2)
  writer.littleEndian(crc32(footer.from(0)), 4)
  writer.bytes(footer.from(0))
  writer.bytes(Buffer.from('YZ'))
}
