import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ConfigurationError, DecodeError, EncodeError } from '../errors.ts'
import { DateTime } from './date-time.ts'
import { Decimal } from './decimal.ts'
import { msgpack, msgpackSerializer } from './msgpack.ts'

const written = (value: unknown): string =>
  Buffer.from(msgpack.encode(value) as Uint8Array).toString('hex')
const read = (hex: string): unknown => msgpack.decode(Buffer.from(hex, 'hex'), 'binary')

// Lengths and values on both sides of every border of the format.
test.each([
  [null, 'c0'],
  [undefined, 'c0'],
  [false, 'c2'],
  [true, 'c3'],
  [0, '00'],
  [127, '7f'],
  [128, 'cc80'],
  [255, 'ccff'],
  [256, 'cd0100'],
  [65_535, 'cdffff'],
  [65_536, 'ce00010000'],
  [2 ** 32 - 1, 'ceffffffff'],
  [2 ** 32, 'cf0000000100000000'],
  [2n ** 64n - 1n, 'cfffffffffffffffff'],
  [5n, '05'],
  [-1, 'ff'],
  [-32, 'e0'],
  [-33, 'd0df'],
  [-128, 'd080'],
  [-129, 'd1ff7f'],
  [-32_768, 'd18000'],
  [-32_769, 'd2ffff7fff'],
  [-(2 ** 31), 'd280000000'],
  [-(2 ** 31) - 1, 'd3ffffffff7fffffff'],
  [-(2n ** 63n), 'd38000000000000000'],
  [-0, 'cb8000000000000000'],
  [1.5, 'cb3ff8000000000000'],
  [2 ** 53, 'cb4340000000000000'],
  ['', 'a0'],
  ['é', 'a2c3a9'],
  ['x'.repeat(31), `bf${'78'.repeat(31)}`],
  ['x'.repeat(32), `d920${'78'.repeat(32)}`],
  ['x'.repeat(256), `da0100${'78'.repeat(256)}`],
  ['x'.repeat(65_536), `db00010000${'78'.repeat(65_536)}`],
  [new Uint8Array(), 'c400'],
  [new Uint8Array(256), `c50100${'00'.repeat(256)}`],
  [new Uint8Array(65_536), `c600010000${'00'.repeat(65_536)}`],
  [[], '90'],
  [Array(15).fill(1), `9f${'01'.repeat(15)}`],
  [Array(16).fill(1), `dc0010${'01'.repeat(16)}`],
  [Array(65_536).fill(1), `dd00010000${'01'.repeat(65_536)}`],
  [{}, '80'],
  [{ a: undefined, b: [undefined] }, '81a16291c0'],
  [new Date(0), 'd6ff00000000'],
  [new Date('2106-02-07T06:28:16Z'), 'd7ff0000000100000000'],
  [new Date('2024-01-02T03:04:05.678Z'), 'd7ffa1a5d60065937d25'],
  [new DateTime('2024-01-02T03:04:05.678901+00:00'), 'd7ffa1dcd42065937d25'],
  [new Date(-1), 'c70cff3b8b87c0ffffffffffffffff'],
])('%o is written as %s', (value, hex) => {
  expect(written(value)).toBe(hex)
})

test('a map of 16 and of 65,536 members', () => {
  const map = (size: number) =>
    Object.fromEntries(Array.from({ length: size }, (_, at) => [`k${at}`, at]))
  expect(written(map(15)).slice(0, 2)).toBe('8f')
  expect(written(map(16)).slice(0, 6)).toBe('de0010')
  expect(written(map(65_536)).slice(0, 10)).toBe('df00010000')
  expect(read(written(map(65_536)))).toEqual(map(65_536))
})

test.each([
  ['ca3fc00000', 1.5],
  ['cb7ff8000000000000', Number.NaN],
  ['cf001fffffffffffff', Number.MAX_SAFE_INTEGER],
  ['cf0020000000000000', 2n ** 53n],
  ['d3ffe0000000000000', -(2n ** 53n)],
  ['d300000000000000ff', 255],
  ['a3efbfbd', '\ufffd'],
  ['a4efbbbf78', '\ufeffx'],
  ['d6ff65937d25', new Date('2024-01-02T03:04:05Z')],
  // Nanoseconds are dropped.
  ['d7ffa1dcd61465937d25', new DateTime('2024-01-02T03:04:05.678901+00:00')],
  ['82a16101a16102', { a: 2 }],
])('%s is read as %o', (hex, value) => {
  expect(read(hex)).toEqual(value)
})

test.each([
  ['', 'ends at byte 0'],
  ['c1', 'byte c1'],
  ['0101', '1 more bytes'],
  ['a2c3', 'ends at byte 2'],
  ['a1ff', "text in 'utf-8'"],
  ['a3eda0bd', "text in 'utf-8'"],
  ['ddffffffff', '4294967295 values in 0 bytes'],
  ['df7fffffff00', '4294967294 values in 1 bytes'],
  ['c6ffffffff', 'in the middle'],
  ['8101a161', 'key of type number'],
  ['81c0c0', 'key of type null'],
  ['81c40161c0', 'key of type object'],
  ['81a95f5f70726f746f5f5f80', "the key '__proto__'"],
  ['d40500', 'extension of type 5'],
  ['c7020000', 'extension of type 0'],
  ['d5ff0000', '2 bytes, not 4, 8 or 12'],
  ['d7ffffffffff00000000', '1073741823 nanoseconds'],
  ['c70cff000000007fffffffffffffff', 'beyond what a Date can say'],
])('%s is refused: %s', (hex, reason) => {
  expect(() => read(hex)).toThrow(DecodeError)
  expect(() => read(hex)).toThrow(reason)
})

test.each([
  ['$.a[3]', 'Map', { a: [1, 2, 3, new Map()] }],
  ['$', 'function', () => 1],
  ['$.s', 'half a surrogate', { s: '\ud83d' }],
  ['$', 'half a surrogate', { '\ud83d': 1 }],
  ['$.n', 'more than 64 bits', { n: 2n ** 64n }],
  ['$.n', 'more than 64 bits', { n: -(2n ** 63n) - 1n }],
  ['$.d', 'no instant', { d: new Date(Number.NaN) }],
  ['$.e', 'Error', { e: new Error('boom') }],
  ['$.a', "'__proto__'", { a: JSON.parse('{"__proto__": 1}') }],
])('the value at %s is refused: %s', (path, what, value) => {
  expect(() => msgpack.encode(value)).toThrow(EncodeError)
  expect(() => msgpack.encode(value)).toThrow(`at ${path},`)
  expect(() => msgpack.encode(value)).toThrow(what)
})

test('objects are written as what they say, or by their members', () => {
  class Point {
    x = 1
    y = undefined
  }
  expect(read(written([new Point(), new Decimal('1.50'), new URL('http://a/')]))).toEqual([
    { x: 1 },
    '1.50',
    'http://a/',
  ])
})

test('circles are refused, the same object twice is not', () => {
  const shared = { n: 1 }
  const circle: Record<string, unknown> = { list: [shared, shared] }
  expect(read(written(circle))).toEqual(circle)
  circle['self'] = { deep: [circle] }
  expect(() => msgpack.encode(circle)).toThrow('at $.self.deep[0], a circular reference')
})

describe('limits', () => {
  test('as deep as maxDepth is written and read, one level more is not', () => {
    const shallow = msgpackSerializer({ limits: { maxDepth: 3 } })
    const bytes = shallow.encode([[{ a: 1 }]]) as Uint8Array
    expect(shallow.decode(bytes, 'binary')).toEqual([[{ a: 1 }]])
    expect(() => shallow.encode([[[[]]]])).toThrow('deeper than 3 levels')
    expect(() => shallow.decode(Buffer.from('91919190', 'hex'), 'binary')).toThrow(
      expect.objectContaining({ code: 'TOO_LARGE' }),
    )
  })

  test('a million levels are refused', () => {
    const deep = Buffer.alloc(1_000_000, 0x91)
    expect(() => msgpack.decode(deep, 'binary')).toThrow('deeper than 512 levels')
  })

  test('as many lists and objects as maxContainers are read, one more is not', () => {
    const few = msgpackSerializer({ limits: { maxContainers: 3 } })
    expect(few.decode(Buffer.from('929080', 'hex'), 'binary')).toEqual([[], {}])
    expect(() => few.decode(Buffer.from('93909080', 'hex'), 'binary')).toThrow(
      expect.objectContaining({ code: 'TOO_LARGE', message: expect.stringContaining('3 lists') }),
    )
    const many = Buffer.concat([Buffer.from('dd000f4240', 'hex'), Buffer.alloc(1_000_000, 0x90)])
    expect(() => msgpack.decode(many, 'binary')).toThrow('more than 1000000 lists')
  })

  test.each([0, 1001, 1.5, Number.NaN])('maxDepth %d is refused', (maxDepth) => {
    expect(() => msgpackSerializer({ limits: { maxDepth } })).toThrow(ConfigurationError)
  })
})

test('bytes that were read do not share memory with the body', () => {
  const body = Buffer.from('c40101', 'hex')
  const value = msgpack.decode(body, 'binary')
  body.fill(0)
  expect(value).toEqual(Uint8Array.of(1))
})

const value = fc.anything({
  key: fc.string({ unit: 'grapheme' }).filter((key) => key !== '__proto__'),
  values: [
    fc.string({ unit: 'grapheme' }),
    fc.double(),
    fc.maxSafeInteger(),
    fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }),
    fc.bigInt({ min: -(2n ** 63n), max: -(2n ** 53n) }),
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array(),
    fc.date({ noInvalidDate: true }),
  ],
})

test('what was written is read', () => {
  fc.assert(
    fc.property(value, (one) => {
      expect(msgpack.decode(msgpack.encode(one) as Uint8Array, 'binary')).toEqual(one)
    }),
  )
})

test('reading throws nothing but DecodeError, whatever arrives', () => {
  const changed = fc.tuple(value, fc.nat(), fc.nat(255)).map(([one, at, byte]) => {
    const bytes = Uint8Array.from(msgpack.encode(one) as Uint8Array)
    bytes[at % bytes.length] = byte
    return bytes
  })
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), changed), (bytes) => {
      try {
        msgpack.decode(bytes, 'binary')
      } catch (error) {
        expect(error).toBeInstanceOf(DecodeError)
      }
    }),
    { numRuns: 2000 },
  )
})
