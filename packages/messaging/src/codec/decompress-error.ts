import { DecodeError, reasonOf } from '../errors.ts'

/** What comes out of a body is more than its reader allows. */
export function tooLarge(bytes: Uint8Array, maxBytes: number, cause?: unknown): DecodeError {
  return new DecodeError(
    'TOO_LARGE',
    `The compressed body of ${bytes.byteLength} bytes holds more than the ${maxBytes} bytes that are allowed here (maxBytes). Raise the bound if the sender is trusted`,
    cause === undefined ? {} : { cause },
  )
}

/**
 * The bytes are of another format, cut short, or damaged.
 *
 * @param format with its article, e.g. `a complete zlib stream`.
 */
export function notCompressed(bytes: Uint8Array, format: string, cause: unknown): DecodeError {
  return new DecodeError(
    'NOT_DECODABLE',
    `The body of ${bytes.byteLength} bytes is not ${format}: ${reasonOf(cause)}`,
    { cause },
  )
}

/** Whether `node:zlib` stopped at its `maxOutputLength`. */
export function isOutputBound(error: unknown): boolean {
  return error instanceof RangeError && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
}
