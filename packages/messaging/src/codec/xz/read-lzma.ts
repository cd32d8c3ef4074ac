import type { BoundedOutput } from '../bounded-output.ts'
import type { ByteReader } from './byte-reader.ts'
import { LzmaDecoder } from './lzma-decoder.ts'
import { readProperties } from './lzma-models.ts'
import { RangeDecoder } from './range-decoder.ts'

/** What the size says when it is not known: all bits set, rounded to a double. */
const unknownSize = 2 ** 64

/**
 * Reads a file of the format before .xz, .lzma: 13 bytes, then data without a checksum.
 *
 * @throws RangeError for bytes that are none; DecodeError `TOO_LARGE`
 */
export function readLzmaFile(reader: ByteReader, output: BoundedOutput): void {
  const properties = readProperties(reader.byte())
  checkDictionary(reader.littleEndian(4))
  const size = reader.littleEndian(8)
  const decoder = new LzmaDecoder(output, properties)
  const range = new RangeDecoder(reader)
  let hasMarker = decoder.decode(range, size === unknownSize ? Infinity : size)
  range.normalize()
  if (!hasMarker && !range.isFinished) {
    // A marker may come even after data of a known size.
    hasMarker = decoder.decode(range, Infinity)
    range.normalize()
  }
  const isWhole = size === unknownSize ? hasMarker : output.length === size
  if (!isWhole || !reader.isAtEnd) throw new RangeError('it does not end where it says')
}

/**
 * The format has no magic number, so that nearly everything could be a header of it. All tools write
 * dictionaries of 2 ** n or 3 * 2 ** n bytes; anything else is another format.
 */
function checkDictionary(bytes: number): void {
  const odd = bytes / ((bytes & -bytes) >>> 0 || 1)
  const isUsual = odd === 1 || odd === 3 || bytes === 0xffffffff
  if (!isUsual) throw new RangeError('it begins neither like a .xz nor like a .lzma file')
}
