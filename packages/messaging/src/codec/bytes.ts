import { EncodeError } from '../errors.ts'
import type { Serializer } from './serializer.ts'
import { checkText, decodeText } from './text.ts'

/** Content encodings under which a body stays bytes. Source: Kombu's `SKIP_DECODE`. */
const binaryEncodings: ReadonlySet<string> = new Set(['binary', 'ascii-8bit'])

/**
 * A body of a type that nobody knows: text in its content encoding, or the bytes themselves when
 * that is `binary` or `ascii-8bit`.
 *
 * @throws DecodeError for bytes that are not text in that encoding.
 */
export function decodeUntyped(bytes: Uint8Array, contentEncoding: string): Uint8Array | string {
  return binaryEncodings.has(contentEncoding) ? bytes : decodeText(bytes, contentEncoding)
}

/**
 * `application/data`, Kombu's `raw`: bytes as they are. Text goes as UTF-8 and comes back as text.
 */
export const bytes: Serializer = {
  name: 'raw',
  contentType: 'application/data',
  contentEncoding: 'binary',
  encode(value: unknown): Uint8Array | string {
    if (value instanceof Uint8Array) return value
    if (typeof value === 'string') return checkText(value)
    throw new EncodeError(
      'NOT_ENCODABLE',
      `The raw serializer takes a Uint8Array or a string, not ${typeof value}. Leave the serializer out, or use 'json'`,
    )
  },
  decode: decodeUntyped,
}
