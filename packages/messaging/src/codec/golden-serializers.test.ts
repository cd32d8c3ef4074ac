/**
 * YAML, MessagePack and pickles captured from Python, see tests/interop/fixtures/make.py: read, and
 * written so that we read the same. That Python reads it is shown by tests/interop/codec.test.ts.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { defaultCodecs } from './codec-registry.ts'
import { DateTime } from './date-time.ts'
import { Decimal } from './decimal.ts'
import { msgpack } from './msgpack.ts'
import { pickle } from './pickle.ts'
import { PlainDate } from './plain-date.ts'
import { PlainTime } from './plain-time.ts'
import { Uuid } from './uuid.ts'
import { yaml } from './yaml.ts'

interface Golden {
  readonly name: string
  readonly source: string
  readonly serializer: string
  readonly contentType: string
  readonly contentEncoding: string
  readonly body: string
  readonly bodies: readonly string[]
  readonly error?: string
}

function golden(kind: string, version: string): readonly Golden[] {
  const file = `../../../../tests/interop/fixtures/${kind}-${version}.json`
  return JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8')).cases
}

const codecs = defaultCodecs
  .withSerializer(yaml)
  .withSerializer(msgpack)
  .withSerializer(pickle)
  .withEnabled('pickle')

const nested = { a: [1, { b: [null, true, [], {}] }], c: { d: { e: 1.25 } } }
const shared = [{ k: [1] }, { k: [1] }]
const upTo = (length: number) => Array.from({ length }, (_, at) => at)

const values: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  yaml: {
    scalars: [null, true, false, 0, -7, 1.5, 1e21, 1e-7, Infinity, 2n ** 70n, -0],
    texts: [
      ...['', 'plain words', 'yes', 'No', '012', '0x1f', '1:30', '1e3', '2024-01-02', '~', '='],
      ...['<<', '- a', 'a: b', 'a #b', ' a ', 'hé 😀', 'a\nb\n', 'nul\0', '\u2028'],
    ],
    'long-text': 'to be or not to be '.repeat(20),
    nested,
    keys: new Map<unknown, unknown>([
      [1, 'bool'],
      [null, 'null'],
      [2.5, 'float'],
      ['yes', 'text'],
    ]),
    set: new Set(['a']),
    bytes: [new Uint8Array(), Uint8Array.of(0, 255), new Uint8Array(100)],
    date: new PlainDate('2024-02-29'),
    datetimes: [
      new DateTime('2024-01-02T03:04:05'),
      new DateTime('2024-01-02T03:04:05.678901+00:00'),
      new DateTime('2024-01-02T03:04:05+05:30'),
    ],
    shared,
  },
  msgpack: {
    scalars: [
      ...[null, true, false, 0, -1, 1.5, Infinity, Number.MAX_SAFE_INTEGER],
      ...[2n ** 53n, 2n ** 64n - 1n, -(2n ** 63n)],
    ],
    borders: [
      ...[127, 128, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32],
      ...[-32, -33, -128, -129, -32_768, -32_769],
    ],
    texts: ['', 'hé 😀', 'x'.repeat(31), 'x'.repeat(32), 'x'.repeat(256)],
    bytes: [new Uint8Array(), Uint8Array.of(0, 255), new Uint8Array(256)],
    nested,
    tuple: [1, [2, 3]],
    long: [upTo(20), Object.fromEntries(upTo(20).map((at) => [String(at), at]))],
    timestamps: [
      new Date(0),
      new Date('2024-01-02T03:04:05.678Z'),
      new DateTime('2024-01-02T03:04:05.678901+00:00'),
      new Date(-1),
    ],
  },
  pickle: {
    scalars: [
      ...[null, true, false, 0, -1, 255, 256, 65_536, 2 ** 31, -(2 ** 31)],
      ...[2n ** 53n, -(2n ** 70n), 1.5],
    ],
    texts: ['', 'hé 😀', 'a\\b\nc', 'x'.repeat(300)],
    bytes: [new Uint8Array(), Uint8Array.of(0, 255), Buffer.from('ab'), new Uint8Array(300)],
    nested,
    keys: new Map<unknown, unknown>([
      [1, 'int'],
      [null, 'null'],
      [[1, 'a'], 'tuple'],
    ]),
    tuples: [[], [1], [1, 2], [1, 2, 3], [1, 2, 3, 4]],
    sets: [new Set(), new Set([1]), new Set(['a'])],
    datetimes: [
      new DateTime('2024-01-02T03:04:05'),
      new Date('2024-01-02T03:04:05.678Z'),
      new DateTime('2024-01-02T03:04:05.000006+05:30'),
      new DateTime('1900-01-01T00:00:00+00:09:21'),
    ],
    date: new PlainDate('2024-02-29'),
    times: [new PlainTime('03:04'), new PlainTime('03:04:05.000006+00:00')],
    decimals: [new Decimal('1.250'), new Decimal('NaN')],
    uuids: [new Uuid('5'.padStart(32, '0')), new Uuid('8'.padEnd(32, '0'))],
    ordered: { a: 1, b: [2] },
    shared,
    celery: [[2, 3], { x: [1] }, { callbacks: null, errbacks: null, chain: null }],
  },
}

/** Equality of dates does not see microseconds and offsets; their text does. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return [...value]
  if (value instanceof DateTime) return `DateTime ${value}`
  if (Array.isArray(value)) return value.map(plain)
  return value
}

describe.each(['5.6', '5.2'])('Kombu %s', (version) => {
  const cases = golden('other-serializers', version)

  test('is captured completely: every value here is there', () => {
    const names = Object.entries(values).flatMap(([serializer, each]) =>
      Object.keys(each).map((name) => `${serializer} ${name}`),
    )
    const written = cases.filter(({ error }) => error === undefined)
    expect(written.map(({ serializer, name }) => `${serializer} ${name}`)).toEqual(names)
  })

  test.each(cases.filter(({ error }) => error === undefined))(
    '$serializer $name is read, and written so that it reads back: $source',
    ({ serializer, name, contentType, contentEncoding, body }) => {
      const expected = plain(values[serializer]?.[name])
      const read = codecs.loads(Buffer.from(body, 'base64'), { contentType, contentEncoding })
      expect(plain(read)).toEqual(expected)

      const { body: ours, ...content } = codecs.dumps(read, serializer)
      expect(content).toEqual({ contentType, contentEncoding })
      expect(plain(codecs.loads(Buffer.from(ours), content))).toEqual(expected)
    },
  )

  test('MessagePack is written byte for byte as Python writes it', () => {
    for (const { serializer, name, body } of cases) {
      const value = values[serializer]?.[name]
      if (serializer !== 'msgpack' || value === undefined) continue
      expect(Buffer.from(codecs.dumps(value, 'msgpack').body).toString('base64')).toBe(body)
    }
  })

  test.each(golden('pickle-protocols', version))(
    'pickle $name is read in all protocols',
    ({ name, bodies }) => {
      const expected = plain(values['pickle']?.[name])
      for (const body of bodies) {
        expect(plain(pickle.decode(Buffer.from(body, 'base64'), 'binary'))).toEqual(expected)
      }
    },
  )
})
