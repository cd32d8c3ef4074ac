/** What every compressor promises, and a few words about each. */
import { brotliCompressSync, constants, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DecodeError } from '../errors.ts'
import { brotli } from './brotli.ts'
import { bzip2 } from './bzip2.ts'
import { xz } from './xz.ts'
import { zstd } from './zstd.ts'

const mebibyte = 1024 * 1024
const compressors = [brotli, zstd, bzip2, xz]

const body = fc.oneof(
  fc.uint8Array({ maxLength: 2000 }),
  // Repeats itself, near and far.
  fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 30 }), fc.nat(200)).map(([part, times]) =>
    Uint8Array.from(
      Array(times)
        .fill([...part])
        .flat(),
    ),
  ),
)

describe.each(compressors.map((one) => ({ ...one, name: one.aliases[0] })))(
  '$name',
  ({ compress, decompress }) => {
    test('what was compressed comes back', () => {
      fc.assert(
        fc.property(body, (bytes) => {
          const plain = decompress(compress(bytes), { maxBytes: 6000 })
          expect(new Uint8Array(plain)).toEqual(bytes)
        }),
      )
    })

    test('a body of exactly the bound passes, one byte more does not', () => {
      const compressed = compress(new Uint8Array(1000))
      expect(decompress(compressed, { maxBytes: 1000 })).toHaveLength(1000)
      expect(() => decompress(compressed, { maxBytes: 999 })).toThrow(
        expect.objectContaining({ name: 'DecodeError', code: 'TOO_LARGE' }),
      )
    })

    test('an empty body passes any bound, and no bound is too large', () => {
      expect(decompress(compress(new Uint8Array()), { maxBytes: 1 })).toHaveLength(0)
      const limits = { maxBytes: Number.POSITIVE_INFINITY }
      expect(decompress(compress(Uint8Array.of(1)), limits)).toHaveLength(1)
    })

    test('a bomb of 100 MB is stopped at a bound of 1 MB, which the error names', () => {
      const bomb = compress(new Uint8Array(100 * mebibyte))
      expect(bomb.byteLength).toBeLessThan(100_000)
      const before = process.memoryUsage().arrayBuffers
      expect(() => decompress(bomb, { maxBytes: mebibyte })).toThrow(
        expect.objectContaining({
          code: 'TOO_LARGE',
          message: expect.stringContaining(`${mebibyte} bytes`),
        }),
      )
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * mebibyte)
    })

    test('every byte that is missing, and any after the end, is noticed', () => {
      const whole = compress(Buffer.from('hello hello hello hello'))
      for (let length = 0; length < whole.length; length += 1) {
        expect(() => decompress(whole.subarray(0, length), { maxBytes: 1000 })).toThrow(DecodeError)
      }
      const longer = Uint8Array.of(...whole, 0)
      expect(() => decompress(longer, { maxBytes: 1000 })).toThrow(DecodeError)
    })

    test('changed bytes and garbage throw DecodeError, never anything else', () => {
      const whole = compress(Buffer.from('hello hello hello hello'.repeat(5)))
      const changed = fc.tuple(fc.nat(whole.length - 1), fc.nat(255)).map(([at, value]) => {
        const bytes = Uint8Array.from(whole)
        bytes[at] = value
        return bytes
      })
      fc.assert(
        fc.property(fc.oneof(changed, fc.uint8Array()), (bytes) => {
          try {
            decompress(bytes, { maxBytes: 1000 })
          } catch (error) {
            expect(error).toBeInstanceOf(DecodeError)
          }
        }),
        { numRuns: 300 },
      )
    })
  },
)

test('brotli says how much comes after its end', () => {
  const twice = Buffer.concat([brotliCompressSync('a'), Buffer.from('garbage')])
  expect(() => brotli.decompress(twice, { maxBytes: 10 })).toThrow('7 more bytes come after')
})

test('zstd frames carry the size of their content', () => {
  const frame = zstd.compress(Buffer.from('x'.repeat(1000)))
  // Magic number, then a descriptor with the flags for a size of 2 bytes, then 1000 - 256.
  expect([...frame.subarray(0, 7)]).toEqual([0x28, 0xb5, 0x2f, 0xfd, 0x60, 0xe8, 0x02])
})

test('zstd frames may not demand a window far above the bound', () => {
  // Of unknown size, so that the window cannot be less: descriptor 0, window 2 ** (10 + 17).
  const frame = zstdCompressSync('x'.repeat(1000), {
    params: { [constants.ZSTD_c_contentSizeFlag]: 0 },
  })
  expect(zstd.decompress(frame, { maxBytes: 1000 })).toHaveLength(1000)
  expect(frame[4]).toBe(0)
  frame[5] = 17 << 3
  expect(() => zstd.decompress(frame, { maxBytes: mebibyte })).toThrow('too much memory')
  expect(zstd.decompress(frame, { maxBytes: 128 * mebibyte })).toHaveLength(1000)
})

test.each([
  ['a second frame', (frame: Buffer) => Buffer.concat([frame, frame]), '27 more bytes come after'],
  ['another magic number', (frame: Buffer) => frame.fill(0, 0, 1), 'does not begin as one'],
  ['a reserved block', (frame: Buffer) => frame.fill(7, 6, 7), 'a block of an unknown kind'],
])('zstd refuses %s', (_what, change, reason) => {
  const frame = Buffer.from(zstd.compress(Buffer.from('hello world, hello')))
  expect(() => zstd.decompress(change(frame), { maxBytes: 100 })).toThrow(reason)
})

test.each([
  ['a checksum', { [constants.ZSTD_c_checksumFlag]: 1 }],
  ['no size', { [constants.ZSTD_c_contentSizeFlag]: 0 }],
])('zstd frames with %s are read, and noticed when they are cut', (_what, params) => {
  for (const length of [0, 10, 300, 70_000, 300_000]) {
    const plain = Buffer.from('0123456789'.repeat(length / 10))
    const frame = zstdCompressSync(plain, { params })
    const read = (bytes: Uint8Array) => zstd.decompress(bytes, { maxBytes: 300_000 })
    expect(Buffer.compare(read(frame), plain)).toBe(0)
    expect(() => read(frame.subarray(0, -1))).toThrow(DecodeError)
  }
})
