import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { crc64 } from './xz/crc64.ts'
import { LzmaEncoder, propertiesByte } from './xz/lzma-encoder.ts'
import { RangeEncoder } from './xz/range-encoder.ts'
import { xz } from './xz.ts'

const unlimited = { maxBytes: Number.POSITIVE_INFINITY }
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString()

/** Bytes without a pattern, the same in every run. */
function noise(length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  let state = 1
  for (let at = 0; at < length; at += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    bytes[at] = state >>> 24
  }
  return bytes
}

test('the checksum is the CRC-64 of the format', () => {
  // The check value of CRC-64/XZ.
  expect(Buffer.from(crc64(Buffer.from('123456789'))).readBigUInt64LE()).toBe(0x995dc9bbdf1939fan)
})

test('what is written is a .xz file, checked by CRC-64', () => {
  const file = Buffer.from(xz.compress(Buffer.from('a')))
  expect(file.subarray(0, 8).toString('hex')).toBe('fd377a585a000004')
  expect(file.subarray(-2).toString()).toBe('YZ')
  expect(file.length % 4).toBe(0)
})

test('matches of all lengths and distances come back', () => {
  const part = fc.record({ from: fc.nat(5000), length: fc.integer({ min: 1, max: 600 }) })
  const source = noise(6000)
  fc.assert(
    fc.property(fc.array(part, { maxLength: 40 }), (parts) => {
      const body = Buffer.concat(
        parts.map(({ from, length }) => source.subarray(from, from + length)),
      )
      expect(Buffer.compare(xz.decompress(xz.compress(body), unlimited), body)).toBe(0)
    }),
  )
})

test('chunks come back: what cannot be compressed between what can, and beyond 2 MB', () => {
  const words = Buffer.from('to be or not to be, that is the question. '.repeat(1000))
  const parts = [noise(70_000), words, noise(140_000), words, new Uint8Array(2_200_000)]
  const body = Buffer.concat(parts)
  const file = xz.compress(body)
  expect(Buffer.compare(xz.decompress(file, unlimited), body)).toBe(0)
  expect(file.length).toBeLessThan(214_000)
  const reversed = Buffer.concat(parts.toReversed())
  expect(Buffer.compare(xz.decompress(xz.compress(reversed), unlimited), reversed)).toBe(0)
})

test('streams may follow each other, with padding between them', () => {
  const [one, two] = ['a', 'b'].map((letter) => xz.compress(Buffer.from(letter)))
  const file = Buffer.concat([one ?? '', Buffer.alloc(8), two ?? '', Buffer.alloc(4)] as Buffer[])
  expect(text(xz.decompress(file, unlimited))).toBe('ab')
  expect(() => xz.decompress(Buffer.concat([file, Buffer.alloc(3)]), unlimited)).toThrow('padding')
})

test('a changed bit anywhere is noticed, or changes nothing', () => {
  const whole = xz.compress(Buffer.from('hello hello hello'))
  for (let bit = 0; bit < whole.length * 8; bit += 1) {
    const changed = Uint8Array.from(whole)
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7))
    try {
      expect(text(xz.decompress(changed, { maxBytes: 10_000 }))).toBe('hello hello hello')
    } catch (error) {
      // A mistake of ours would be a TypeError.
      expect(error).toMatchObject({ name: 'DecodeError', cause: expect.any(RangeError) })
    }
  }
})

test.each([
  ['nothing', '', 'ends in the middle'],
  ['another format', '1f8b08000000000000034b04000000000000', 'properties 31|neither like'],
  ['an odd dictionary', '5d01020304ffffffffffffffff0000000000', 'neither like a .xz nor'],
  ['properties that are none', 'e100001000ffffffffffffffff0000000000', 'properties 225'],
])('%s is refused', (_what, hex, reason) => {
  expect(() => xz.decompress(Buffer.from(hex, 'hex'), unlimited)).toThrow(new RegExp(reason))
})

// Made with Python's lzma module, and the last one with xz -T2 --block-size=8.
test.each([
  ['a .lzma with an end marker', '5d00008000ffffffffffffffff00341949ee8de94f7f35c5a3ffff78a40000'],
  [
    'a .lzma with a size and an end marker',
    '5d00008000110000000000000000341949ee8de94f7f35c5a3ffff78a40000',
  ],
  [
    'a .xz that is checked by SHA-256',
    'fd377a585a00000ae1fb0ca10200210116000000742fe5a3e00010000b5d00341949ee8de94f7e15e0000000d4e10166a657fc3f93818e86c62b43bf5e8919edd4130d219009a0108b130cd900013f11e5bfe812189b4b9a01000000000a595a',
  ],
  [
    'a .xz that is checked by CRC-32',
    'fd377a585a0000016922de360200210116000000742fe5a3e00010000b5d00341949ee8de94f7e15e00000008088f9e500012311b8e29ff49042990d010000000001595a',
  ],
  [
    'a .xz that is checked by nothing',
    'fd377a585a000000ff12d9410200210116000000742fe5a3e00010000b5d00341949ee8de94f7e15e000000000011f11479b6c8706729e7a010000000000595a',
  ],
  [
    'a .xz of several blocks that tell their sizes',
    'fd377a585a000004e6d6b44602c00c08210116009edb7ca901000768656c6c6f2068650060a3f59ec9ece43202c00c08210116009edb7ca90100076c6c6f2068656c6c0075bd5f95bbedaaad02c005012101160027e863830100006f000000000b69b486adf6f74b00032008200819010bec3021b1c467fb020000000004595a',
  ],
])('%s is read', (_what, hex) => {
  expect(text(xz.decompress(Buffer.from(hex, 'hex'), unlimited))).toBe('hello hello hello')
})

test('a filter before LZMA2 is refused', () => {
  const delta =
    'fd377a585a000004e6d6b44602010301002101167920c4eee00010000d5d00343f3ce0002194e8c8d3a08000000000004b88e6da4480077600012911320a700e1fb6f37d010000000004595a'
  expect(() => xz.decompress(Buffer.from(delta, 'hex'), unlimited)).toThrow('more filters')
})

test('a match that begins before the data is refused', () => {
  // .lzma, because it has no checksum that would notice.
  const encoder = new RangeEncoder()
  const lzma = new LzmaEncoder(new Uint8Array(10))
  lzma.literal(encoder, 0)
  lzma.match(encoder, 1, { length: 5, distance: 2 })
  const header = Buffer.from([propertiesByte, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0, 0])
  const file = Buffer.concat([header, encoder.end()])
  expect(() => xz.decompress(file, unlimited)).toThrow('a match begins before the data')
})

test('an index that tells other sizes than its blocks have is refused', () => {
  const file = Buffer.from(xz.compress(Buffer.from('a')))
  // Before the 12 bytes of the end: 00, one block, its two sizes; then the checksum of those.
  const index = file.subarray(-20, -12)
  expect([...index.subarray(0, 4)]).toEqual([0, 1, expect.any(Number), 1])
  index[3] = 2
  index.writeUInt32LE(crc32(index.subarray(0, 4)), 4)
  expect(() => xz.decompress(file, unlimited)).toThrow('sizes of its blocks')
})
