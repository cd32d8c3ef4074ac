import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib'
import type { Compressor } from './compressor.ts'
import { wholeOutput } from './whole-output.ts'

/** Brotli's own default, 11, is made for files that are compressed once and read for years. */
const quality = 4

const frameReader = { format: 'one complete brotli stream', decompress: brotliDecompressSync }

/** What Kombu calls `brotli` where its package of that name is installed (RFC 7932). */
export const brotli: Compressor = {
  contentType: 'application/x-brotli',
  aliases: ['brotli'],
  compress: (bytes) =>
    brotliCompressSync(bytes, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: quality,
        [constants.BROTLI_PARAM_SIZE_HINT]: bytes.byteLength,
      },
    }),
  decompress: (bytes, limits) => wholeOutput(bytes, limits, frameReader),
}
