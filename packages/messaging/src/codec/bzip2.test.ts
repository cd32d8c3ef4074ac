import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BitWriter } from './bzip2/bit-writer.ts'
import { canonicalCodes, codeLengths } from './bzip2/code-lengths.ts'
import { sortRotations } from './bzip2/rotations.ts'
import { bzip2 } from './bzip2.ts'

const unlimited = { maxBytes: Number.POSITIVE_INFINITY }
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString()

test('rotations are sorted as sorting them one by one would', () => {
  const few = fc.uint8Array({ max: 3, minLength: 1, maxLength: 60 })
  fc.assert(
    fc.property(fc.oneof(few, fc.uint8Array({ minLength: 1 })), (block) => {
      const rotations = [...block.keys()].map((start) =>
        Buffer.concat([block.subarray(start), block.subarray(0, start)]),
      )
      const sorted = rotations.toSorted(Buffer.compare)
      const { lastColumn, origin } = sortRotations(block)
      expect([...lastColumn]).toEqual(sorted.map((rotation) => rotation.at(-1)))
      expect(sorted[origin]).toEqual(Buffer.from(block))
    }),
  )
})

test('codes are complete, the frequent ones short, none longer than 17', () => {
  const counts = fc.array(fc.oneof(fc.nat(3), fc.nat(900_000)), { minLength: 2, maxLength: 258 })
  fc.assert(
    fc.property(counts, (list) => {
      const lengths = codeLengths(Uint32Array.from(list))
      const filled = lengths.reduce((sum, length) => sum + 2 ** -length, 0)
      expect(filled).toBe(1)
      expect(Math.max(...lengths)).toBeLessThanOrEqual(17)
    }),
  )
  // Fibonacci's numbers make the deepest tree.
  const fibonacci = [1, 1]
  while (fibonacci.length < 28) fibonacci.push((fibonacci.at(-1) ?? 0) + (fibonacci.at(-2) ?? 0))
  expect(Math.max(...codeLengths(Uint32Array.from(fibonacci)))).toBeLessThanOrEqual(17)
  expect([...codeLengths(Uint32Array.of(1, 8, 1))]).toEqual([2, 1, 2])
  expect([...canonicalCodes(Uint8Array.of(2, 1, 2))]).toEqual([0b10, 0, 0b11])
})

test.each([1, 3, 4, 5, 254, 255, 256, 259, 1000])('a run of %i bytes comes back', (length) => {
  const run = Buffer.concat([Buffer.from('x'), Buffer.alloc(length, 'a'), Buffer.from('ab')])
  expect(bzip2.decompress(bzip2.compress(run), unlimited)).toEqual(new Uint8Array(run))
})

test('a body of several blocks comes back', () => {
  const body = new Uint8Array(910_000)
  for (let at = 0; at < body.length; at += 1) body[at] = (at * at) >> 7
  expect(Buffer.compare(bzip2.decompress(bzip2.compress(body), unlimited), body)).toBe(0)
})

test('streams may follow each other', () => {
  const twice = Buffer.concat([bzip2.compress(Buffer.from('a')), bzip2.compress(Buffer.from('b'))])
  expect(text(bzip2.decompress(twice, unlimited))).toBe('ab')
})

test('a changed bit anywhere is noticed, or changes nothing', () => {
  const whole = bzip2.compress(Buffer.from('hello hello hello'))
  for (let bit = 0; bit < whole.length * 8; bit += 1) {
    const changed = Uint8Array.from(whole)
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7))
    try {
      expect(text(bzip2.decompress(changed, unlimited))).toBe('hello hello hello')
    } catch (error) {
      // A mistake of ours would be a TypeError.
      expect(error).toMatchObject({ name: 'DecodeError', cause: expect.any(RangeError) })
    }
  }
})

test.each([
  ['nothing', '', 'ends in the middle'],
  ['another format', 'BZx9', "'BZh' and a digit"],
  ['a level that is none', 'BZh0', "'BZh' and a digit"],
  ['no block', 'BZh9abcdefgh', 'neither a block nor an end'],
])('%s is refused', (_what, bytes, reason) => {
  expect(() => bzip2.decompress(Buffer.from(bytes), unlimited)).toThrow(reason)
})

test('a randomised block is refused', () => {
  const writer = new BitWriter()
  for (const byte of Buffer.from('BZh9')) writer.bits(8, byte)
  writer.bits(24, 0x314159)
  writer.bits(24, 0x265359)
  writer.word(0)
  writer.bits(1, 1)
  expect(() => bzip2.decompress(writer.bytes(), unlimited)).toThrow('randomised')
})
