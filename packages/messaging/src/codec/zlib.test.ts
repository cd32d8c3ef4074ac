import { deflateSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DecodeError } from '../errors.ts'
import { zlib } from './zlib.ts'

const mebibyte = 1024 * 1024

test('what was compressed is a zlib stream and comes back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), (body) => {
      const compressed = zlib.compress(body)
      expect([...compressed.subarray(0, 2)]).toEqual([0x78, 0x9c])
      expect(new Uint8Array(zlib.decompress(compressed, { maxBytes: 2000 }))).toEqual(body)
    }),
  )
})

test('a body of exactly the bound passes, one byte more does not', () => {
  const compressed = zlib.compress(new Uint8Array(1000))
  expect(zlib.decompress(compressed, { maxBytes: 1000 })).toHaveLength(1000)
  expect(() => zlib.decompress(compressed, { maxBytes: 999 })).toThrow(DecodeError)
})

test('a bomb of 100 MB is stopped at a bound of 1 MB, which the error names', () => {
  const bomb = deflateSync(new Uint8Array(100 * mebibyte))
  const before = process.memoryUsage().arrayBuffers
  expect(() => zlib.decompress(bomb, { maxBytes: mebibyte })).toThrow(
    expect.objectContaining({
      name: 'DecodeError',
      code: 'TOO_LARGE',
      message: expect.stringContaining(`${mebibyte} bytes`),
    }),
  )
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(3 * mebibyte)
})

test('no bound is too large to be given', () => {
  const compressed = zlib.compress(Uint8Array.of(1))
  expect(zlib.decompress(compressed, { maxBytes: Number.POSITIVE_INFINITY })).toHaveLength(1)
})

test('a gzip file is refused and told apart from what Kombu calls gzip', () => {
  expect(() => zlib.decompress(gzipSync('x'), { maxBytes: 10 })).toThrow('not a gzip file')
})

test('cut or changed bytes throw DecodeError, never anything else', () => {
  const whole = zlib.compress(Buffer.from('hello hello hello hello'))
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, value) => {
      const changed = Uint8Array.from(whole)
      changed[at] = value
      for (const bytes of [changed, whole.subarray(0, at)]) {
        try {
          zlib.decompress(bytes, { maxBytes: 1000 })
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError)
        }
      }
    }),
  )
})
