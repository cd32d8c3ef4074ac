import { constants } from 'node:buffer'
import type { DecompressLimits } from './compressor.ts'
import { isOutputBound, notCompressed, tooLarge } from './decompress-error.ts'

/** What decompresses one frame, and what the frame is called in errors. */
export interface FrameReader {
  /** With its article, e.g. `one complete zstd frame`. */
  readonly format: string
  /** One of the synchronous decompressors of `node:zlib`. */
  readonly decompress: (bytes: Uint8Array, options: FrameReaderOptions) => unknown
}

/** Options that all of them know. */
export interface FrameReaderOptions {
  readonly maxOutputLength: number
  readonly info: true
}

/** What they return under `info: true`. Source: documentation of `node:zlib`. */
interface InformedOutput {
  readonly buffer: Uint8Array
  readonly engine: {
    /** Bytes of input that were used, despite the name. */
    readonly bytesWritten: number
  }
}

/**
 * Decompresses a body that is one frame and nothing after it: `node:zlib` alone would ignore the
 * rest without a word.
 *
 * @throws DecodeError `TOO_LARGE` or `NOT_DECODABLE`
 */
export function wholeOutput(
  bytes: Uint8Array,
  { maxBytes }: DecompressLimits,
  { format, decompress }: FrameReader,
): Uint8Array {
  const maxOutputLength = Math.min(maxBytes, constants.MAX_LENGTH)
  try {
    // The types of `node:zlib` do not follow `info`.
    const output = decompress(bytes, { maxOutputLength, info: true }) as InformedOutput
    const rest = bytes.byteLength - output.engine.bytesWritten
    if (rest === 0) return output.buffer
    throw new RangeError(`${rest} more bytes come after its end`)
  } catch (error) {
    throw isOutputBound(error)
      ? tooLarge(bytes, maxBytes, error)
      : notCompressed(bytes, format, error)
  }
}
