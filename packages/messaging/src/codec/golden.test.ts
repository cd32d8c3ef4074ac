/**
 * Bytes captured from Python, see tests/interop/fixtures/make.py: read, and written so that Python
 * reads the same.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { bzip2 } from './bzip2.ts'
import { defaultCodecs } from './codec-registry.ts'
import { DateTime } from './date-time.ts'
import { Decimal } from './decimal.ts'
import { json, legacyJson } from './json.ts'
import { PlainDate } from './plain-date.ts'
import { PlainTime } from './plain-time.ts'
import { Uuid } from './uuid.ts'
import { xz } from './xz.ts'

interface Golden {
  readonly name: string
  readonly source: string
  readonly serializer: string | null
  readonly method: string
  readonly contentType: string
  readonly contentEncoding: string
  readonly body: string
  readonly plain: string
  readonly envelope: string
  readonly error?: string
}

function golden(kind: string, version: string): readonly Golden[] {
  const file = `../../../../tests/interop/fixtures/${kind}-${version}.json`
  return JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8')).cases
}

const bytesOf = (base64: string): Uint8Array => Buffer.from(base64, 'base64')
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

const values: Readonly<Record<string, unknown>> = {
  null: null,
  true: true,
  integer: 42,
  negative: -7,
  float: 0.1,
  'float-whole': 1,
  'float-large': 1.5e300,
  'float-small': 5e-324,
  'float-17-digits': 0.30000000000000004,
  'integer-safe-limit': Number.MAX_SAFE_INTEGER,
  'integer-beyond-safe': 2n ** 53n + 1n,
  'integer-huge': -(10n ** 40n) - 1n,
  nan: Number.NaN,
  infinities: [Infinity, -Infinity],
  'non-finite-beside-words': {
    NaN: 'Infinity',
    list: [Number.NaN, '-Infinity', -Infinity, 'say "NaN"'],
  },
  'string-json': 'plain',
  'string-unicode': 'héllo 你好 😀',
  'string-escapes': 'quote" backslash\\ tab\t nul\0 del\x7f line\u2028',
  'string-half-surrogate': '\ud83d',
  'string-empty': '',
  'list-empty': [],
  'dict-empty': {},
  nested: { a: [1, { b: [null, true, 'x'] }], c: { d: { e: 1.25 } } },
  keys: { 1: 'bool', null: 'null', '2.5': 'float' },
  tuple: [1, [2, 3]],
  'datetime-naive': new DateTime('2024-01-02T03:04:05'),
  'datetime-naive-microseconds': new DateTime('2024-01-02T03:04:05.678901'),
  'datetime-utc': new Date('2024-01-02T03:04:05Z'),
  'datetime-utc-milliseconds': new Date('2024-01-02T03:04:05.678Z'),
  'datetime-utc-microseconds': new DateTime('2024-01-02T03:04:05.000006+00:00'),
  'datetime-offset': new DateTime('2024-01-02T03:04:05.600000+05:30'),
  'datetime-offset-seconds': new DateTime('1900-01-01T00:00:00+00:09:21'),
  'datetime-first': new Date('0001-01-01T00:00:00Z'),
  'datetime-last': new DateTime('9999-12-31T23:59:59.999999'),
  date: new PlainDate('2024-02-29'),
  time: new PlainTime('03:04:05'),
  'time-microseconds-utc': new PlainTime('03:04:05.000006+00:00'),
  decimal: new Decimal('1.250'),
  'decimal-exponent': new Decimal('1E+3'),
  'decimal-special': [new Decimal('NaN'), new Decimal('-Infinity'), new Decimal('-0')],
  uuid: new Uuid('550e8400-e29b-41d4-a716-446655440000'),
  'bytes-text': utf8('hé'),
  'bytes-empty': utf8(''),
  'bytes-binary': Uint8Array.of(0, 1, 254, 255),
  'tags-nested': {
    args: [[new Date('2024-01-02T00:00:00Z'), new Decimal('2')]],
    kwargs: { id: new Uuid('00000000000000000000000000000001'), raw: utf8('x') },
  },
  set: new Set([1]),
  'auto-string': 'hé',
  'auto-bytes': Uint8Array.of(0, 255),
  'auto-dict': { hello: 'world' },
  'raw-string': 'hé',
  'raw-bytes': Uint8Array.of(0, 255),
}

const versions = [
  { version: '5.6', codecs: defaultCodecs, serializer: json },
  { version: '5.2', codecs: defaultCodecs.withSerializer(legacyJson), serializer: legacyJson },
]

/** Python's text in our layout: no spaces, no escapes of printable characters, 1 for `1.0`. */
function withoutLayout(text: string): string {
  return text
    .replace(/("(?:[^"\\]|\\.)*")|\s+/g, '$1')
    .replace(/\\u(?!d83d")([0-9a-f]{4})/g, (escaped, hex: string) => {
      const code = Number.parseInt(hex, 16)
      return code < 0x20 ? escaped : String.fromCharCode(code)
    })
    .replace(/^1\.0$/, '1')
}

describe.each(versions)('Kombu $version', ({ version, codecs, serializer }) => {
  const cases = golden('serialization', version)

  test('is captured completely: every value here is there', () => {
    expect(cases.map(({ name }) => name).sort()).toEqual(Object.keys(values).sort())
  })

  const written = cases.filter(({ error }) => error === undefined)
  test.each(written)('writes $source as we do ($name)', ({ name, serializer, ...captured }) => {
    const { body, ...content } = codecs.dumps(values[name], serializer ?? undefined)
    expect(content).toEqual({
      contentType: captured.contentType,
      contentEncoding: captured.contentEncoding,
    })
    const ours = Buffer.from(body)
    const theirs = Buffer.from(captured.body, 'base64')
    if (captured.contentType !== 'application/json') return expect(ours).toEqual(theirs)
    expect(ours.toString()).toBe(withoutLayout(theirs.toString()))
  })

  test.each(written)('is read: $source ($name)', ({ name, contentType, contentEncoding, body }) => {
    const read = codecs.loads(bytesOf(body), { contentType, contentEncoding })
    // What 5.2 writes is untagged: it reads as the text that our legacy serializer writes.
    const isTagged = serializer === json || contentType !== 'application/json'
    const expected = isTagged ? values[name] : serializer.parse(serializer.encode(values[name]))
    expect(
      contentType === 'application/data' && read instanceof Uint8Array
        ? new Uint8Array(read)
        : read,
    ).toEqual(expected)
  })

  test.each(cases.filter(({ error }) => error !== undefined))(
    'has no form for $source, and neither do we ($name)',
    ({ name }) => {
      expect(() => codecs.dumps(values[name], 'json')).toThrow('JSON has no form')
    },
  )

  test.each(golden('compression', version))(
    'compresses as $method: $source',
    ({ method, contentType, body, plain }) => {
      const expected = bytesOf(plain)
      const limits = { maxBytes: Math.max(expected.byteLength, 1) }
      const all = codecs.withCompressor(bzip2).withCompressor(xz)
      expect(Buffer.from(all.decompress(bytesOf(body), contentType, limits))).toEqual(expected)
      const ours = all.compress(expected, method)
      expect(ours.contentType).toBe(contentType)
      expect(Buffer.from(all.decompress(ours.body, method, limits))).toEqual(expected)
    },
  )

  test.each(golden('redis', version))(
    'publishes an envelope that reads back: $name',
    ({ envelope }) => {
      const text = Buffer.from(envelope, 'base64').toString()
      expect(serializer.encode(serializer.parse(text))).toBe(withoutLayout(text))
    },
  )
})
