import { MessagingError } from '../errors.ts'
import { BoundedOutput } from './bounded-output.ts'
import type { Compressor, DecompressLimits } from './compressor.ts'
import { notCompressed } from './decompress-error.ts'
import { ByteReader } from './xz/byte-reader.ts'
import { readLzmaFile } from './xz/read-lzma.ts'
import { readXzStream } from './xz/read-xz.ts'
import { writeXz } from './xz/write-xz.ts'

/**
 * What Kombu calls `lzma` or `xz`: the .xz format with LZMA2 and CRC-64. The older .lzma is read
 * too, as Python reads it. In TypeScript, because Node has none: use it for peers that know nothing
 * better, not for speed. It compresses a little less than liblzma.
 *
 * ```ts
 * import { defaultCodecs } from '@dashi/messaging'
 * import { xz } from '@dashi/messaging/xz'
 *
 * const codecs = defaultCodecs.withCompressor(xz)
 * ```
 */
export const xz: Compressor = {
  contentType: 'application/x-lzma',
  aliases: ['lzma', 'xz'],
  compress: writeXz,
  decompress,
}

function decompress(bytes: Uint8Array, limits: DecompressLimits): Uint8Array {
  const reader = new ByteReader(bytes)
  const output = new BoundedOutput(bytes, limits)
  try {
    if (reader.peek() === 0xfd) readXzStreams(reader, output)
    else readLzmaFile(reader, output)
    return output.from(0)
  } catch (error) {
    throw MessagingError.is(error)
      ? error
      : notCompressed(bytes, 'a complete .xz or .lzma file', error)
  }
}

function readXzStreams(reader: ByteReader, output: BoundedOutput): void {
  do readXzStream(reader, output)
  while (!reader.isAtEnd)
}
