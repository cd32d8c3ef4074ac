/** The bytes of a body, out of whatever form it travelled in. */
import { DecodeError } from '../errors.ts'
import type { EncodedBody } from './envelope.ts'

/** The bytes, or for base64 that is none the bytes of its text: what is kept of a message that cannot be read. */
export function originalBytes(body: EncodedBody): Uint8Array {
  try {
    return bodyBytes(body)
  } catch (error) {
    if (error instanceof DecodeError) return Buffer.from(body.data)
    throw error
  }
}

/** @throws {DecodeError} base64 that is none. */
export function bodyBytes(body: EncodedBody): Uint8Array {
  if (typeof body.data !== 'string') return body.data
  if (body.encoding !== 'base64') return Buffer.from(body.data)
  const bytes = Buffer.from(body.data, 'base64')
  if (bytes.length < Math.floor((body.data.trimEnd().length * 3) / 4) - 2)
    throw notBase64(body.data)
  return bytes
}

function notBase64(data: string): DecodeError {
  return new DecodeError(
    'NOT_DECODABLE',
    `A message body of ${data.length} characters is declared base64 and is not`,
  )
}
