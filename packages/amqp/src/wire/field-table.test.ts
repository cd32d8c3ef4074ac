import { Decimal } from '@dashi/messaging'
import { DecodeError, EncodeError } from '@dashi/messaging/transport'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readFieldTable } from './field-table-reader.ts'
import { writeFieldTable } from './field-table-writer.ts'
import { WriteBuffer } from './write-buffer.ts'

function written(fields: Readonly<Record<string, unknown>>): Buffer {
  const out = new WriteBuffer()
  writeFieldTable(out, fields)
  return out.take()
}

const read = (bytes: Buffer) => readFieldTable(bytes, 0)

/** One field named `k`, of a type and with bytes of one's own. */
function field(type: string, hex: string): Buffer {
  const content = Buffer.concat([Buffer.from(`\x01k${type}`), Buffer.from(hex, 'hex')])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(content.length)
  return Buffer.concat([length, content])
}

/** The type of the one field named `k`. */
const typeIn = (bytes: Buffer) => bytes.toString('latin1', 6, 7)

describe('writing', () => {
  // amqp 5.4.2, dumps('F', …) of the same table in Python.
  test('is byte for byte what py-amqp writes', () => {
    const table = {
      t: 'ü',
      i: 5,
      n: -300,
      m: 2147483647,
      big: 3000000000,
      neg: -2147483648,
      huge: 9007199254740994n,
      f: 0.1,
      b: true,
      z: null,
      l: [1, 'a', null],
      d: { k: 1 },
      dec: new Decimal('12.50'),
      when: new Date('2023-11-14T22:13:20Z'),
    }
    expect(written(table).toString('hex')).toBe(
      '0000009101745300000002c3bc01694900000005016e49fffffed4016d497fffffff036269674c00000000b2d05e00036e65674cffffffff80000000' +
        '04687567654c00200000000000020166643fb999999999999a01627401017a56016c410000000c49000000015300000001615601644600000007016b49' +
        '0000000103646563440' +
        '2000004e2047768656e54000000006553f100',
    )
  })

  test('whole numbers are only I and L, whatever their size', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (number) => {
        expect(['I', 'L']).toContain(typeIn(written({ k: number })))
      }),
    )
  })

  test('what has no value is left out of a table, and null in a list', () => {
    expect(read(written({ k: undefined, list: [undefined] }))).toEqual({ list: [null] })
  })

  test.each([
    ['a function', { fn: () => 1 }, 'fn'],
    ['a map', { deep: { map: new Map() } }, 'deep.map'],
    ['a number beyond 64 bits', { big: 2n ** 63n }, 'big'],
    ['an invalid date', { list: [new Date(Number.NaN)] }, 'list.0'],
    ['a decimal of many digits', { d: new Decimal('12345678901.5') }, 'd'],
    ['a long name', { ['n'.repeat(256)]: 1 }, 'nnn'],
  ])('%s is refused, by name', (_, fields, name) => {
    expect(() => written(fields)).toThrow(EncodeError)
    expect(() => written(fields)).toThrow(name)
  })

  test('a cycle is refused', () => {
    const cycle: Record<string, unknown> = {}
    cycle['again'] = cycle
    expect(() => written(cycle)).toThrow(/nested deeper/)
  })

  test('grows beyond its first memory', () => {
    const fields = Object.fromEntries(
      Array.from({ length: 3_000 }, (_, index) => [`key-${index}`, 'x'.repeat(100)]),
    )
    expect(read(written(fields))).toEqual(fields)
  })
})

describe('reading', () => {
  test.each([
    ['b', 'ff', -1],
    ['B', 'ff', 255],
    ['s', 'fffe', -2],
    ['u', 'fffe', 65_534],
    ['I', 'fffffffd', -3],
    ['i', 'fffffffd', 4_294_967_293],
    ['l', 'fffffffffffffffc', -4],
    ['L', 'fffffffffffffffc', -4],
    ['L', '0000010000000000', 2 ** 40],
    ['l', '7fffffffffffffff', 2n ** 63n - 1n],
    ['f', '3fc00000', 1.5],
    ['d', '3fb999999999999a', 0.1],
    ['t', '01', true],
    ['V', '', null],
    ['S', '00000002c3bc', 'ü'],
    ['x', '0000000200ff', Buffer.of(0, 255)],
    ['T', '000000006553f100', new Date('2023-11-14T22:13:20Z')],
    ['D', '02000004e2', new Decimal('12.50')],
    ['D', '03ffffffff', new Decimal('-0.001')],
    ['D', '0000000007', new Decimal('7')],
  ])('%s %s', (type, hex, value) => {
    expect(read(field(type, hex))['k']).toEqual(value)
  })

  test('text that is no UTF-8 stays bytes, and a real replacement character stays text', () => {
    expect(read(field('S', '00000002ff00'))['k']).toEqual(Buffer.of(255, 0))
    expect(read(field('S', '00000003efbfbd'))['k']).toBe('\ufffd')
  })

  test('a key __proto__ is a key', () => {
    const fields = read(written(JSON.parse('{"__proto__":{"polluted":true}}')))
    expect(Object.keys(fields)).toEqual(['__proto__'])
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })

  test.each([
    ['an unknown type', field('q', '00')],
    ['an end in the middle of a field', field('S', '00000009').subarray(0, 9)],
    ['a length beyond the end', Buffer.from('000000ff016b', 'hex')],
    ['a list longer than its table', field('A', '000000ff')],
  ])('%s is refused', (_, bytes) => {
    expect(() => read(bytes)).toThrow(DecodeError)
  })

  test('great depth is refused without exhausting the stack', () => {
    let bytes = field('V', '')
    for (let depth = 0; depth < 5_000; depth++) bytes = field('F', bytes.toString('hex'))
    expect(() => read(bytes)).toThrow(/nested deeper/)
  })

  test('never throws anything else, nor reads beyond its bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          read(Buffer.from(bytes))
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError)
        }
      }),
      { numRuns: 2_000 },
    )
  })
})

test('what is written is read back', () => {
  const { tie } = fc.letrec((recurse) => ({
    tie: fc.oneof(
      { depthSize: 'small' },
      fc.string({ unit: 'binary' }),
      fc.boolean(),
      fc.constant(null),
      fc.maxSafeInteger(),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      fc.double({ noNaN: true }).filter((value) => !Number.isInteger(value)),
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
      fc.array(recurse('tie')),
      fc.dictionary(fc.string({ maxLength: 20 }), recurse('tie')),
    ),
  }))
  fc.assert(
    fc.property(fc.dictionary(fc.string({ maxLength: 20 }), tie), (fields) => {
      expect(normalised(read(written(fields)))).toEqual(normalised(fields))
    }),
  )
})

/** Small whole numbers are numbers again, whatever they were written from; lone surrogates are replaced. */
function normalised(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value
  if (typeof value === 'string') return value.toWellFormed()
  if (typeof value === 'number') return value + 0
  if (Array.isArray(value)) return value.map(normalised)
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [key.toWellFormed(), normalised(part)]),
  )
}
