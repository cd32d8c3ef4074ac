import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DecodeError, EncodeError } from '../errors.ts'
import { decodeText, text } from './text.ts'

const bytes = (...values: number[]) => Uint8Array.from(values)

test.each([
  ['utf-8', bytes(0x68, 0xc3, 0xa9), 'hé'],
  ['UTF8', bytes(0x68, 0xc3, 0xa9), 'hé'],
  ['utf_8', bytes(0x68, 0xc3, 0xa9), 'hé'],
  ['latin-1', bytes(0x68, 0xe9, 0x80), 'hé\x80'],
  ['iso-8859-1', bytes(0x80, 0xff), '\x80ÿ'],
  ['us-ascii', bytes(0x68, 0x69), 'hi'],
  ['utf-16', bytes(0xff, 0xfe, 0x68, 0x00), 'h'],
  ['utf-16', bytes(0xfe, 0xff, 0x00, 0x68), 'h'],
  ['utf-16', bytes(0x68, 0x00), 'h'],
  ['utf-16-be', bytes(0x00, 0x68), 'h'],
  ['windows-1252', bytes(0x80), '€'],
  ['shift_jis', bytes(0x82, 0xa0), 'あ'],
])('decodeText() reads %s', (encoding, body, expected) => {
  expect(decodeText(body, encoding)).toBe(expected)
})

test('decodeText() keeps a UTF-8 byte order mark, which Python keeps; utf-8-sig drops it', () => {
  const marked = bytes(0xef, 0xbb, 0xbf, 0x68)
  expect(decodeText(marked, 'utf-8')).toBe('\ufeffh')
  expect(decodeText(marked, 'utf-8-sig')).toBe('h')
})

test.each([
  ['utf-8', bytes(0xff)],
  ['utf-8', bytes(0xed, 0xa0, 0x80)],
  ['ascii', bytes(0x80)],
  ['utf-16', bytes(0x68)],
  ['utf-16-le', bytes(0x00, 0xd8)],
  ['no-such-charset', bytes(0x68)],
])('decodeText() refuses what is not %s, by name', (encoding, body) => {
  expect(() => decodeText(body, encoding)).toThrow(DecodeError)
  expect(() => decodeText(body, encoding)).toThrow(`'${encoding}'`)
})

test('decodeText() throws nothing but DecodeError, whatever bytes and encoding', () => {
  const encoding = fc.oneof(
    fc.string(),
    fc.constantFrom('utf-8', 'ascii', 'latin-1', 'utf-16', 'gb18030', 'euc-kr', 'binary'),
  )
  fc.assert(
    fc.property(fc.uint8Array(), encoding, (body, contentEncoding) => {
      try {
        expect(typeof decodeText(body, contentEncoding)).toBe('string')
      } catch (error) {
        expect(error).toBeInstanceOf(DecodeError)
      }
    }),
  )
})

test('decodeText() gives back every text that was written in its encoding', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (value) => {
      expect(decodeText(Buffer.from(value), 'utf-8')).toBe(value)
      expect(decodeText(Buffer.from(`\ufeff${value}`, 'utf16le'), 'utf-16')).toBe(value)
    }),
  )
})

test('text writes strings, and refuses what UTF-8 cannot say', () => {
  expect(text.encode('hé')).toBe('hé')
  expect(() => text.encode('\ud83d')).toThrow(EncodeError)
  expect(() => text.encode(42)).toThrow('number')
})
