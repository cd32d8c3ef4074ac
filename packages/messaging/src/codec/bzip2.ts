import { MessagingError } from '../errors.ts'
import { readStreams } from './bzip2/read-streams.ts'
import { writeStream } from './bzip2/write-stream.ts'
import type { Compressor, DecompressLimits } from './compressor.ts'
import { notCompressed } from './decompress-error.ts'

/**
 * What Kombu calls `bzip2` or `bzip`, at its level 9. In TypeScript, because Node has none: use it
 * for peers that know nothing better, not for speed.
 *
 * ```ts
 * import { defaultCodecs } from '@dashi/messaging'
 * import { bzip2 } from '@dashi/messaging/bzip2'
 *
 * const codecs = defaultCodecs.withCompressor(bzip2)
 * ```
 */
export const bzip2: Compressor = {
  contentType: 'application/x-bz2',
  aliases: ['bzip2', 'bzip'],
  compress: writeStream,
  decompress,
}

function decompress(bytes: Uint8Array, limits: DecompressLimits): Uint8Array {
  try {
    return readStreams(bytes, limits)
  } catch (error) {
    throw MessagingError.is(error) ? error : notCompressed(bytes, 'a complete bzip2 stream', error)
  }
}
