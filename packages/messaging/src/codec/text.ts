import { isAscii } from 'node:buffer'
import { DecodeError, EncodeError, reasonOf } from '../errors.ts'
import type { Serializer } from './serializer.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Python's names of encodings that the WHATWG names differently, or means differently by. */
const charsets: ReadonlyMap<string, string> = new Map([
  ['utf-8', 'utf-8'],
  ['utf8', 'utf-8'],
  ['u8', 'utf-8'],
  ['utf-8-sig', 'utf-8-sig'],
  ['ascii', 'ascii'],
  ['us-ascii', 'ascii'],
  ['646', 'ascii'],
  ['latin-1', 'latin-1'],
  ['latin1', 'latin-1'],
  ['l1', 'latin-1'],
  ['iso-8859-1', 'latin-1'],
  ['iso8859-1', 'latin-1'],
  ['8859', 'latin-1'],
  ['utf-16', 'utf-16'],
  ['utf16', 'utf-16'],
  ['utf-16-le', 'utf-16le'],
  ['utf-16-be', 'utf-16be'],
])

/**
 * Bytes as text, in any character set that Python and the platform share.
 *
 * Names are Python's or the WHATWG's, in any case, with `_` or `-`: utf-8, latin-1 (all 256 bytes,
 * unlike the WHATWG's), ascii (7 bits), utf-16 (byte order mark, else little endian), and whatever
 * `TextDecoder` knows. A byte order mark in UTF-8 is kept, as Python keeps it.
 *
 * @throws DecodeError for an unknown character set, or bytes that are not valid in it.
 */
export function decodeText(bytes: Uint8Array, contentEncoding: string): string {
  try {
    // First and without a look at the table, because nearly everything is.
    if (contentEncoding === 'utf-8') return utf8.decode(bytes)
    const label = contentEncoding.toLowerCase().replaceAll('_', '-')
    return decodeCharset(bytes, charsets.get(label) ?? label)
  } catch (error) {
    throw notText(bytes, contentEncoding, error)
  }
}

function notText(bytes: Uint8Array, contentEncoding: string, cause: unknown): DecodeError {
  return new DecodeError(
    'NOT_DECODABLE',
    `Cannot read ${bytes.byteLength} bytes as text in '${contentEncoding}': ${reasonOf(cause)}. The sender's content encoding must name the character set it used, or 'binary'`,
    { cause },
  )
}

function decodeCharset(bytes: Uint8Array, charset: string): string {
  if (charset === 'utf-8') return utf8.decode(bytes)
  if (charset === 'latin-1') return latin1(bytes)
  if (charset === 'ascii') return ascii(bytes)
  if (charset === 'utf-8-sig') return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  if (charset === 'utf-16')
    return new TextDecoder(utf16ByteOrder(bytes), { fatal: true }).decode(bytes)
  return new TextDecoder(charset, { fatal: true, ignoreBOM: true }).decode(bytes)
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}

function ascii(bytes: Uint8Array): string {
  if (isAscii(bytes)) return latin1(bytes)
  throw new RangeError('a byte is above 127')
}

function utf16ByteOrder(bytes: Uint8Array): string {
  return bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-16le'
}

/**
 * Text as UTF-8 bytes would carry it.
 *
 * @throws EncodeError when it holds half a surrogate pair, which UTF-8 cannot say.
 */
export function checkText(value: string): string {
  if (value.isWellFormed()) return value
  throw new EncodeError(
    'NOT_ENCODABLE',
    'The text holds half a surrogate pair, which UTF-8 cannot represent. Repair it with toWellFormed(), or use the json serializer, which escapes it',
  )
}

/** `text/plain`: what Kombu makes of a string that is published without a serializer. */
export const text: Serializer = {
  name: 'text',
  contentType: 'text/plain',
  contentEncoding: 'utf-8',
  encode(value: unknown): string {
    if (typeof value === 'string') return checkText(value)
    throw new EncodeError(
      'NOT_ENCODABLE',
      `The text serializer takes a string, not ${typeof value}. Leave the serializer out, or use 'json'`,
    )
  },
  decode: decodeText,
}
