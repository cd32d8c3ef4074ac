import { constants } from 'node:buffer'
import { deflateSync, inflateSync } from 'node:zlib'
import type { Compressor, DecompressLimits } from './compressor.ts'
import { isOutputBound, notCompressed, tooLarge } from './decompress-error.ts'

const format = "a complete zlib stream (Kombu's 'gzip' is zlib, RFC 1950, not a gzip file)"

/**
 * What Kombu calls `gzip` and `application/x-gzip`: a zlib stream (RFC 1950, first bytes 78 9c),
 * not a gzip file, at the default level.
 */
export const zlib: Compressor = {
  contentType: 'application/x-gzip',
  aliases: ['gzip', 'zlib'],
  compress: (bytes) => deflateSync(bytes),
  decompress,
}

function decompress(bytes: Uint8Array, { maxBytes }: DecompressLimits): Uint8Array {
  try {
    return inflateSync(bytes, { maxOutputLength: Math.min(maxBytes, constants.MAX_LENGTH) })
  } catch (error) {
    throw isOutputBound(error)
      ? tooLarge(bytes, maxBytes, error)
      : notCompressed(bytes, format, error)
  }
}
