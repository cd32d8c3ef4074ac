import { constants as bufferConstants } from 'node:buffer'
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { Compressor, DecompressLimits } from './compressor.ts'
import { isOutputBound, notCompressed, tooLarge } from './decompress-error.ts'
import { checkOneFrame } from './zstd-frame.ts'

/**
 * What Kombu calls `zstd` where the package `zstandard` is installed (RFC 8878), at its level 3.
 * The size goes into the frame's header, without which Kombu up to 5.6 cannot read it.
 */
export const zstd: Compressor = {
  contentType: 'application/zstd',
  aliases: ['zstd', 'zstandard'],
  compress: (bytes) =>
    zstdCompressSync(bytes, {
      params: { [constants.ZSTD_c_contentSizeFlag]: 1 },
      pledgedSrcSize: bytes.byteLength,
    }),
  decompress,
}

function decompress(bytes: Uint8Array, { maxBytes }: DecompressLimits): Uint8Array {
  const maxOutputLength = Math.min(maxBytes, bufferConstants.MAX_LENGTH)
  const params = { [constants.ZSTD_d_windowLogMax]: maxWindowLog(maxOutputLength) }
  try {
    checkOneFrame(bytes)
    return zstdDecompressSync(bytes, { maxOutputLength, params })
  } catch (error) {
    throw isOutputBound(error)
      ? tooLarge(bytes, maxBytes, error)
      : notCompressed(bytes, 'one complete zstd frame', error)
  }
}

/**
 * A frame's window is allocated before anything comes out of it, so it follows the bound of the
 * output; but not below 8 MiB (RFC 8878, 3.1.1.1.2: what every reader should take) and not above
 * 128 MiB, the largest that any level writes.
 */
function maxWindowLog(maxOutputLength: number): number {
  return Math.min(Math.max(23, Math.ceil(Math.log2(maxOutputLength))), 27)
}
