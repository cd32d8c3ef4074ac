import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ConfigurationError, ContentDisallowedError, DecodeError } from '../errors.ts'
import { CodecRegistry, defaultCodecs } from './codec-registry.ts'
import { json } from './json.ts'
import type { Serializer } from './serializer.ts'

const upper: Serializer = {
  name: 'upper',
  contentType: 'application/x-upper',
  contentEncoding: 'us-ascii',
  encode: (value) => String(value).toUpperCase(),
  decode: (bytes) => Buffer.from(bytes).toString().toLowerCase(),
}

const binary = Uint8Array.of(0, 255)
const utf8 = (text: string): Uint8Array => Buffer.from(text)

test.each([
  ['bytes', binary, undefined, 'application/data', 'binary', binary],
  ['a string', 'hé', undefined, 'text/plain', 'utf-8', 'hé'],
  ['anything else', { a: 1 }, undefined, 'application/json', 'utf-8', '{"a":1}'],
  ['null', null, undefined, 'application/json', 'utf-8', 'null'],
  ['a string as json', 'hé', 'json', 'application/json', 'utf-8', '"hé"'],
  ['raw text', 'hé', 'raw', 'application/data', 'utf-8', 'hé'],
  ['raw bytes', binary, 'raw', 'application/data', 'binary', binary],
])('dumps() writes %s', (_what, value, serializer, contentType, contentEncoding, body) => {
  expect(defaultCodecs.dumps(value, serializer)).toEqual({ contentType, contentEncoding, body })
})

test('dumps() refuses a serializer that it does not know, and says which it knows', () => {
  expect(() => defaultCodecs.dumps({}, 'jsno')).toThrow(
    expect.objectContaining({
      code: 'CODEC_NOT_INSTALLED',
      message: expect.stringMatching(/'jsno'.*json, text, raw/),
    }),
  )
})

test.each([
  ['json', '{"a": 1}', { contentType: 'application/json' }, { a: 1 }],
  [
    'json, whatever the encoding',
    '"é"',
    { contentType: 'application/json', contentEncoding: 'x' },
    'é',
  ],
  ['a missing type as text', 'hé', {}, 'hé'],
  ['an empty type as text', 'hé', { contentType: '', contentEncoding: '' }, 'hé'],
  ['an unknown type as text', 'hé', { contentType: 'text/html' }, 'hé'],
  ['text', 'hé', { contentType: 'text/plain', contentEncoding: 'UTF-8' }, 'hé'],
  ['empty text', '', { contentType: 'text/plain' }, ''],
])('loads() reads %s', (_what, body, content, expected) => {
  expect(defaultCodecs.loads(utf8(body), content)).toEqual(expected)
})

test.each(['binary', 'BINARY', 'ascii-8bit'])(
  'loads() leaves unknown types in %s alone',
  (encoding) => {
    const content = { contentType: 'image/png', contentEncoding: encoding }
    expect(defaultCodecs.loads(binary, content)).toBe(binary)
  },
)

test('loads() returns an empty body as it is, without asking the serializer', () => {
  const empty = new Uint8Array()
  expect(defaultCodecs.loads(empty, { contentType: 'application/json' })).toBe(empty)
})

test('loads() with an accept list refuses other types, and says what to do', () => {
  const accept = defaultCodecs.acceptedContentTypes(['json'])
  const content = { contentType: 'application/x-other', accept }
  expect(() => defaultCodecs.loads(binary, content)).toThrow(ContentDisallowedError)
  expect(() => defaultCodecs.loads(binary, content)).toThrow(
    /application\/x-other is not accepted.*application\/json.*accept list/,
  )
})

test('loads() trusts application/data and application/text under any accept list', () => {
  const accept = new Set<string>()
  for (const contentType of ['application/data', 'application/text', undefined, '']) {
    expect(defaultCodecs.loads(utf8('x'), { contentType, accept })).toBe('x')
  }
})

test('loads() does not trust text/plain, as Kombu does not, unless the list names it', () => {
  const read = (...names: string[]) =>
    defaultCodecs.loads(utf8('x'), {
      contentType: 'text/plain',
      accept: defaultCodecs.acceptedContentTypes(names),
    })
  expect(() => read('json')).toThrow("publish with serializer 'json', or add 'text'")
  expect(read('json', 'text')).toBe('x')
  expect(read('text/plain')).toBe('x')
})

test.each(['application/x-python-serialize', 'application/x-yaml', 'application/x-msgpack'])(
  'loads() refuses %s unless it is enabled or accepted',
  (contentType) => {
    const content = { contentType, contentEncoding: 'binary' }
    expect(() => defaultCodecs.loads(binary, content)).toThrow(ContentDisallowedError)
    expect(defaultCodecs.withEnabled(contentType).loads(binary, content)).toBe(binary)
    const accept = new Set([contentType])
    expect(defaultCodecs.loads(binary, { ...content, accept })).toBe(binary)
  },
)

test('a registry is not changed by what is made from it', () => {
  const more = defaultCodecs.withSerializer(upper)
  expect(more.dumps('a', 'upper')).toMatchObject({ body: 'A', contentEncoding: 'us-ascii' })
  expect(more.loads(utf8('A'), { contentType: upper.contentType })).toBe('a')
  expect(() => defaultCodecs.dumps('a', 'upper')).toThrow(ConfigurationError)
  expect(() => more.withoutSerializer('upper').dumps('a', 'upper')).toThrow(ConfigurationError)
  expect(more.dumps('a', 'upper')).toMatchObject({ body: 'A' })
})

test('adding a serializer enables its type; disabling is by name or type', () => {
  const content = { contentType: upper.contentType }
  const disabled = defaultCodecs.withSerializer(upper).withDisabled('upper')
  expect(() => disabled.loads(utf8('A'), content)).toThrow(/disabled.*withEnabled/)
  expect(disabled.withEnabled('upper').loads(utf8('A'), content)).toBe('a')
  expect(disabled.withSerializer(upper).loads(utf8('A'), content)).toBe('a')
  expect(() => disabled.withEnabled('nope')).toThrow(ConfigurationError)
})

test('adding a serializer that says so leaves its type disabled: it only writes', () => {
  const codecs = CodecRegistry.empty().withSerializer({ ...upper, enabled: false })
  const content = { contentType: upper.contentType }
  expect(codecs.dumps('a', 'upper')).toMatchObject({ body: 'A' })
  expect(() => codecs.loads(utf8('A'), content)).toThrow(ContentDisallowedError)
  expect(codecs.withEnabled('upper').loads(utf8('A'), content)).toBe('a')
  const accept = codecs.acceptedContentTypes(['upper'])
  expect(codecs.loads(utf8('A'), { ...content, accept })).toBe('a')
})

test('a serializer of the same name takes the place of the old one, types included', () => {
  const codecs = defaultCodecs.withSerializer({ ...json, contentType: 'application/vnd.json' })
  expect(codecs.dumps({})).toMatchObject({ contentType: 'application/vnd.json' })
  expect(codecs.loads(utf8('{}'), { contentType: 'application/json' })).toBe('{}')
})

test('acceptedContentTypes() takes names and types, and refuses unknown names', () => {
  expect(defaultCodecs.acceptedContentTypes(['json', 'application/x-mine'])).toEqual(
    new Set(['application/json', 'application/x-mine']),
  )
  expect(() => defaultCodecs.acceptedContentTypes(['yaml'])).toThrow(
    expect.objectContaining({ code: 'CODEC_NOT_INSTALLED' }),
  )
})

test.each(['gzip', 'zlib', 'application/x-gzip'])('compress() and decompress() know %s', (name) => {
  const { contentType, body } = defaultCodecs.compress('hé', name)
  expect(contentType).toBe('application/x-gzip')
  const plain = defaultCodecs.decompress(body, name, { maxBytes: 10 })
  expect(Buffer.from(plain).toString()).toBe('hé')
})

test('an unknown compression is a mistake of ours when writing, of the message when reading', () => {
  expect(() => defaultCodecs.compress('x', 'lzma')).toThrow(ConfigurationError)
  expect(() => defaultCodecs.decompress(binary, 'lzma', { maxBytes: 1 })).toThrow(
    expect.objectContaining({ name: 'DecodeError', code: 'CODEC_NOT_INSTALLED' }),
  )
})

test('the empty registry moves strings and bytes, and nothing else', () => {
  const { body, ...content } = CodecRegistry.empty().dumps('hé')
  expect(CodecRegistry.empty().loads(Buffer.from(body), content)).toBe('hé')
  expect(() => CodecRegistry.empty().dumps({})).toThrow('known are none')
})

test('loads() throws nothing but DecodeError, whatever arrives', () => {
  const type = fc.oneof(
    fc.string(),
    fc.constantFrom(undefined, 'application/json', 'text/plain', 'application/data', 'a/b'),
  )
  const encoding = fc.oneof(fc.string(), fc.constantFrom(undefined, 'utf-8', 'ascii', 'binary'))
  fc.assert(
    fc.property(fc.uint8Array(), type, encoding, (body, contentType, contentEncoding) => {
      try {
        defaultCodecs.loads(body, { contentType, contentEncoding })
      } catch (error) {
        expect(error).toBeInstanceOf(DecodeError)
      }
    }),
    { numRuns: 500 },
  )
})

test('serializerNameOf() finds the serializer that writes a type', () => {
  expect(defaultCodecs.serializerNameOf('application/json')).toBe('json')
  expect(defaultCodecs.serializerNameOf('application/x-unknown')).toBeUndefined()
  expect(
    defaultCodecs.withoutSerializer('json').serializerNameOf('application/json'),
  ).toBeUndefined()
})
