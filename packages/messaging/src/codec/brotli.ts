import { constants as bufferConstants } from 'node:buffer'
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib'
import type { Compressor, DecompressLimits } from './compressor.ts'
import { isOutputBound, notCompressed, tooLarge } from './decompress-error.ts'

/** Brotli's own default, 11, is made for files that are compressed once and read for years. */
const quality = 4

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
  decompress,
}

function decompress(bytes: Uint8Array, { maxBytes }: DecompressLimits): Uint8Array {
  try {
    return wholeOutput(bytes, Math.min(maxBytes, bufferConstants.MAX_LENGTH))
  } catch (error) {
    throw isOutputBound(error)
      ? tooLarge(bytes, maxBytes, error)
      : notCompressed(bytes, 'one complete brotli stream', error)
  }
}

/** What `node:zlib` returns under `info: true`, which its types do not follow. */
interface InformedOutput {
  readonly buffer: Uint8Array
  readonly engine: {
    /** Bytes of input that were used, despite the name. */
    readonly bytesWritten: number
  }
}

/** Node alone would ignore what comes after the stream, without a word. */
function wholeOutput(bytes: Uint8Array, maxOutputLength: number): Uint8Array {
  const output: unknown = brotliDecompressSync(bytes, { maxOutputLength, info: true })
  const { buffer, engine } = output as InformedOutput // See there.
  const rest = bytes.byteLength - engine.bytesWritten
  if (rest === 0) return buffer
  throw new RangeError(`${rest} more bytes come after its end`)
}
