import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { Compressor } from './compressor.ts'
import { type FrameReaderOptions, wholeOutput } from './whole-output.ts'

const frameReader = { format: 'one complete zstd frame', decompress: decompressFrame }

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
  decompress: (bytes, limits) => wholeOutput(bytes, limits, frameReader),
}

function decompressFrame(bytes: Uint8Array, options: FrameReaderOptions): unknown {
  const params = { [constants.ZSTD_d_windowLogMax]: maxWindowLog(options.maxOutputLength) }
  return zstdDecompressSync(bytes, { ...options, params })
}

/**
 * A frame's window is allocated before anything comes out of it, so it follows the bound of the
 * output; but not below 8 MiB (RFC 8878, 3.1.1.1.2: what every reader should take) and not above
 * 128 MiB, the largest that any level writes.
 */
function maxWindowLog(maxOutputLength: number): number {
  return Math.min(Math.max(23, Math.ceil(Math.log2(maxOutputLength))), 27)
}
