import { constants } from 'node:buffer'
import { deflateSync, inflateSync } from 'node:zlib'
import { DecodeError, reasonOf } from '../errors.ts'
import type { Compressor, DecompressLimits } from './compressor.ts'

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
    throw isTooLarge(error) ? tooLarge(bytes, maxBytes, error) : notZlib(bytes, error)
  }
}

function isTooLarge(error: unknown): boolean {
  return error instanceof RangeError && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
}

function tooLarge(bytes: Uint8Array, maxBytes: number, cause: unknown): DecodeError {
  return new DecodeError(
    'TOO_LARGE',
    `The compressed body of ${bytes.byteLength} bytes holds more than the ${maxBytes} bytes that are allowed here (maxBytes). Raise the bound if the sender is trusted`,
    { cause },
  )
}

function notZlib(bytes: Uint8Array, cause: unknown): DecodeError {
  return new DecodeError(
    'NOT_DECODABLE',
    `The body of ${bytes.byteLength} bytes is not a complete zlib stream: ${reasonOf(cause)}. Kombu's 'gzip' is zlib (RFC 1950), not a gzip file`,
    { cause },
  )
}
