import { expect, test } from 'vitest'
import { EncodeError } from '../errors.ts'
import { bytes } from './bytes.ts'

const body = Uint8Array.of(0xc3, 0xa9)

test.each(['binary', 'ascii-8bit'])('a body in %s stays bytes, uncopied', (encoding) => {
  expect(bytes.decode(body, encoding)).toBe(body)
})

test('a body in another encoding is text', () => {
  expect(bytes.decode(body, 'utf-8')).toBe('é')
  expect(bytes.decode(body, 'latin-1')).toBe('Ã©')
})

test('raw writes bytes and strings as they are, and nothing else', () => {
  expect(bytes.encode(body)).toBe(body)
  expect(bytes.encode('é')).toBe('é')
  expect(() => bytes.encode({})).toThrow(EncodeError)
  expect(() => bytes.encode('\ud83d')).toThrow(EncodeError)
})
