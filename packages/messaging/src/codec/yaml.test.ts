import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ConfigurationError, DecodeError, EncodeError } from '../errors.ts'
import { DateTime } from './date-time.ts'
import { Decimal } from './decimal.ts'
import { PlainDate } from './plain-date.ts'
import { yaml, yamlSerializer } from './yaml.ts'

const read = (text: string): unknown => yaml.decode(Buffer.from(text), 'utf-8')
const write = (value: unknown): string => String(yaml.encode(value))

describe('reading', () => {
  // Each as PyYAML 6.0 reads it.
  test.each([
    ['', null],
    ['# nothing', null],
    ['~', null],
    ['Null', null],
    ['nULL', 'nULL'],
    ['yes', true],
    ['Off', false],
    ['TRUE', true],
    ['y', 'y'],
    ['n', 'n'],
    ['"yes"', 'yes'],
    ['%YAML 1.2\n---\nyes', true],
    ['12', 12],
    ['+1', 1],
    ['-0', 0],
    ['010', 8],
    ['09', '09'],
    ['0o7', '0o7'],
    ['0_', 0],
    ['0x1F', 31],
    ['-0b1_01', -5],
    ['1_000', 1000],
    ['_1', '_1'],
    ['9007199254740993', 2n ** 53n + 1n],
    ['1:30', 90],
    ['01:30', '01:30'],
    ['12:30:45', 45_045],
    ['190:20:30', 685_230],
    ['190:20:30.15', 685_230.15],
    ['1.', 1],
    ['.5', 0.5],
    ['+.5', '+.5'],
    ['0.1_2', 0.12],
    ['-0.0', -0],
    ['1e3', '1e3'],
    ['1.5e3', '1.5e3'],
    ['1.5e+3', 1500],
    ['+.inf', Infinity],
    ['-.INF', -Infinity],
    ['.NaN', Number.NaN],
    ['2024-01-02', new PlainDate('2024-01-02')],
    ['2024-1-2', '2024-1-2'],
    ['2024-1-2 3:04:05', new DateTime('2024-01-02T03:04:05')],
    ['2024-01-02T03:04:05.1234567Z', new DateTime('2024-01-02T03:04:05.123456+00:00')],
    ['2024-01-02 03:04:05.5 +0', new Date('2024-01-02T03:04:05.5Z')],
    ['2024-01-02 03:04:05 +5', new DateTime('2024-01-02T03:04:05+05:00')],
    ['2024-01-02 03:04:05-05:30', new DateTime('2024-01-02T03:04:05-05:30')],
    ['! 12', 12],
    ['! "12"', 12],
    ['!!int "12"', 12],
    ['!!int 0', 0],
    ['!!float "1"', 1],
    ['!!str 1', '1'],
    ['!!null x', null],
    ['!!bool on', true],
    ['!!binary "YQ=="', Uint8Array.of(0x61)],
    ['!!binary |\n  AP\n  8=', Uint8Array.of(0, 255)],
    ['!!set {a, b}', new Set(['a', 'b'])],
    [
      '!!omap [a: 1, b: 2]',
      [
        ['a', 1],
        ['b', 2],
      ],
    ],
    [
      '!!pairs [a: 1, a: 2]',
      [
        ['a', 1],
        ['a', 2],
      ],
    ],
    ['!!map {a: 1}', { a: 1 }],
    ['!!seq [a]', ['a']],
    ['!<tag:yaml.org,2002:int> 3', 3],
    ['"\\x7f\\u20ac\\uD83D\\uDE00"', '\x7f€😀'],
    ['key: "a\n  b"', { key: 'a b' }],
    ["'it''s'", "it's"],
    ['|\n a\n b\n', 'a\nb\n'],
    ['>-\n a\n b\n', 'a b'],
    ['a#b', 'a#b'],
    ['a #b', 'a'],
    ['{a: 1, a: 2}', { a: 2 }],
    ['{a:1}', { 'a:1': null }],
    ['{"a":1}', { a: 1 }],
    ['{a: , b}', { a: null, b: null }],
    ['? a', { a: null }],
    ['- - a\n  - b: c\n-', [['a', { b: 'c' }], null]],
    ['{}', {}],
    ['[]', []],
    ['1: a', new Map([[1, 'a']])],
    ['yes: no', new Map([[true, false]])],
    ['=: a', { '=': 'a' }],
    ['[&a {x: 1}, *a]', [{ x: 1 }, { x: 1 }]],
    ['[&a 1, *a]', [1, 1]],
    ['{&a b: 1, c: *a}', { b: 1, c: 'b' }],
    ['[&a x, {*a : 1}]', ['x', { x: 1 }]],
    ['a: &a {x: 1, y: 2}\nb: {x: 3, <<: *a}', { a: { x: 1, y: 2 }, b: { x: 3, y: 2 } }],
    [
      'a: &a {x: 1}\nb: &b {<<: *a, y: 2}\nc: {<<: *b}',
      { a: { x: 1 }, b: { x: 1, y: 2 }, c: { x: 1, y: 2 } },
    ],
    ['{<<: [{x: 1}, {x: 2, y: 3}]}', { x: 1, y: 3 }],
    ['{"<<": 1}', { '<<': 1 }],
    ['&a {<<: *a, x: 1}', { x: 1 }],
    ['\ufeffa', 'a'],
  ])('%j is %o', (text, value) => {
    expect(read(text)).toEqual(value)
  })

  test('UTF-16 with a mark is read as Python reads it', () => {
    const text = Buffer.from('\ufeffkey: é', 'utf16le')
    expect(yaml.decode(text, 'utf-8')).toEqual({ key: 'é' })
  })

  test('what an alias stands for is one value', () => {
    const [first, second] = read('[&a {x: 1}, *a]') as unknown[]
    expect(first).toBe(second)
  })

  test.each([
    ['a: b: c', 'line 1'],
    ['- a\n- [a,b', 'line 2'],
    ['a\n---\nb', 'more than one document'],
    ['@a', 'line 1'],
    ['"a":b', 'line 1'],
    ['"\x7f"', 'U+007f'],
    ['a\0', 'U+0000'],
    ['=', "tags a scalar as '!!value'"],
    ['[<<]', "tags a scalar as '!!merge'"],
    ['{<<: 1}', 'what is no mapping'],
    ['{<<: [1]}', 'what is no mapping'],
    ['!foo x', "'!foo'"],
    ['!!python/none x', "'!!python/none'"],
    ['!!python/object/apply:os.system [id]', "'!!python/object/apply:os.system'"],
    ['!!python/object:a.B {x: 1}', "'!!python/object:a.B'"],
    ['!<tag:example.com,2000:x> {}', "'tag:example.com,2000:x'"],
    ['!!seq {}', "tags a mapping as '!!seq'"],
    ['!!map []', "tags a sequence as '!!map'"],
    ['!!str {}', "tags a mapping as '!!str'"],
    ['!!omap [{a: 1, b: 2}]', 'no mapping of one entry'],
    ['!!omap [a]', 'no mapping of one entry'],
    ['!!binary YQ', 'no binary'],
    ['!!bool maybe', 'no bool'],
    ['!!int x', 'no int'],
    ['!!int ""', 'no int'],
    ['!!float x', 'no float'],
    ['!!timestamp x', 'no timestamp'],
    ['0b_', 'no int'],
    ['0x_', 'no int'],
    ['2024-02-30', "'2024-02-30' is not a date"],
    ['2024-01-02 25:00:00', 'is not a time of day'],
    ['9'.repeat(5000), '5000 digits'],
    ['*a', '*a, which is nowhere'],
    ['[*a, &a 1]', '*a, which is nowhere'],
    ['[&a 1, &a 2]', '&a twice'],
    ['&a [*a]', 'contains itself'],
    ['&a {b: [*a]}', 'contains itself'],
    ['{[1]: a}', 'a list or a mapping, which Python refuses'],
    ['{{a: b}: a}', 'a list or a mapping, which Python refuses'],
    ['__proto__: {x: 1}', "the key '__proto__'"],
    ['{<<: {"__proto__": 1}}', "the key '__proto__'"],
  ])('%j is refused: %s', (text, reason) => {
    expect(() => read(text)).toThrow(DecodeError)
    expect(() => read(text)).toThrow(reason)
  })

  test('bytes that are no text are refused', () => {
    expect(() => yaml.decode(Uint8Array.of(0xff, 0x61), 'utf-8')).toThrow(DecodeError)
  })
})

describe('writing', () => {
  test('in blocks', () => {
    const value = {
      name: 'Ann Lee',
      list: [1, [2, [], {}], { a: null, b: [true] }],
      empty: {},
      '10': 'a: b',
      deep: { deeper: [{ x: 'y' }] },
    }
    expect(write(value)).toBe(`"10": "a: b"
name: Ann Lee
list:
  - 1
  - - 2
    - []
    - {}
  - a: null
    b:
      - true
empty: {}
deep:
  deeper:
    - x: y
`)
    expect(read(write(value))).toEqual(value)
  })

  // What YAML 1.1 would misread is quoted.
  test.each([
    ...['yes', 'No', 'on', 'OFF', 'true', 'null', '~', '', '12', '010', '0x1F', '1_000', '1:30'],
    ...['1.5', '.5', '1e3', '.inf', '.NaN', '2024-01-02', '=', '<<', ' a', 'a ', 'a: b', 'a #b'],
    ...['- a', '? a', '*a', '&a', '!a', '|', '>', '%a', '@a', '`a', '{}', '[]', 'a, b', "'", '"'],
    ...[
      'a\nb',
      'a\tb',
      'a\\b',
      '\0',
      '\x7f',
      '\x85',
      '\u2028',
      '\u2029',
      '\ufeff',
      '\ufffe',
      '---',
    ],
    ...['...', 'é', '😀', 'y', 'n', 'a-b', 'a.b', 'a  b', '_', '-', 'x'.repeat(2000)],
  ])('the text %j comes back, as a value and as a key', (text) => {
    expect(read(write(text))).toBe(text)
    expect(read(write({ a: [{ [text]: text }] }))).toEqual({ a: [{ [text]: text }] })
  })

  test.each([
    [undefined, 'null\n'],
    [true, 'true\n'],
    [1.5, '1.5\n'],
    [-0, '-0.0\n'],
    [1e21, '1.0e+21\n'],
    [1.5e-7, '1.5e-7\n'],
    [2 ** 53, '9007199254740992.0\n'],
    [2n ** 53n, '9007199254740992\n'],
    [Number.NaN, '.nan\n'],
    [-Infinity, '-.inf\n'],
    ['plain words', 'plain words\n'],
    ['a\u2028b\x7f', '"a\\u2028b\\u007f"\n'],
    [Uint8Array.of(0, 255), '!!binary "AP8="\n'],
    [new PlainDate('2024-01-02'), '2024-01-02\n'],
    [new Date('2024-01-02T03:04:05.678Z'), '2024-01-02 03:04:05.678000+00:00\n'],
    [new DateTime('2024-01-02T03:04:05'), '2024-01-02 03:04:05\n'],
    [new Decimal('1.50'), '"1.50"\n'],
    [new Set(['a', 1]), '!!set\na: null\n1: null\n'],
    [new Set(), '!!set {}\n'],
    [new Map([[1, 'a']]), '1: a\n'],
    [[{ a: undefined, b: [undefined] }], '- b:\n    - null\n'],
    [[new Set(['a'])], '- !!set\n  a: null\n'],
    [{ a: { ['x'.repeat(1500)]: 1 } }, `a:\n  ? "${'x'.repeat(1500)}"\n  : 1\n`],
  ])('%o as %j', (value, text) => {
    expect(write(value)).toBe(text)
  })

  test.each([
    ['$.f', 'function', { f: () => 1 }],
    ['$.s', 'half a surrogate', { s: '\ud83d' }],
    ['$.n', '4301 digits', { n: 10n ** 4300n }],
    ['$.d', 'Invalid time', { d: new Date(Number.NaN) }],
    ['$.d', 'offset has seconds', { d: new DateTime('1900-01-01T00:00:00+00:09:21') }],
    ['$.p', 'Promise', { p: Promise.resolve() }],
    ['$.k', 'a key or the item of a set is an object', { k: new Map([[[1], 1]]) }],
    ['$.k', 'a key or the item of a set is an object', { k: new Set([{}]) }],
    ['$.a', "'__proto__'", { a: JSON.parse('{"__proto__": 1}') }],
    ['$.a', "'__proto__'", { a: new Map([['__proto__', 1]]) }],
  ])('the value at %s is refused: %s', (path, what, value) => {
    expect(() => write(value)).toThrow(EncodeError)
    expect(() => write(value)).toThrow(`at ${path},`)
    expect(() => write(value)).toThrow(what)
  })

  test('circles are refused, the same object twice is not', () => {
    const shared = { n: 1 }
    const circle: Record<string, unknown> = { list: [shared, shared] }
    expect(read(write(circle))).toEqual(circle)
    circle['self'] = [circle]
    expect(() => write(circle)).toThrow('at $.self[0], a circular reference')
  })
})

describe('limits', () => {
  test('as deep as maxDepth is written and read, one level more is not', () => {
    const shallow = yamlSerializer({ limits: { maxDepth: 3 } })
    const text = String(shallow.encode([[{ a: 1 }]]))
    expect(shallow.decode(Buffer.from(text), 'utf-8')).toEqual([[{ a: 1 }]])
    expect(() => shallow.encode([[[[]]]])).toThrow('deeper than 3 levels')
    for (const deep of [
      '[[[[]]]]',
      '- - - - a',
      'a: {b: {c: {d: e}}}',
      '[[&a [], [*a]], [[*a]]]',
    ]) {
      expect(() => shallow.decode(Buffer.from(deep), 'utf-8')).toThrow('deeper than 3 levels')
    }
    expect(() => yamlSerializer({ limits: { maxDepth: 0 } })).toThrow(ConfigurationError)
    expect(() => yamlSerializer({ limits: { maxTokens: 1.5 } })).toThrow('limit maxTokens')
  })

  test.each(['[', '{a: ', '- ', '? ', '!!seq [', '&a [', 'a: '])(
    'a hundred thousand times %j is refused at once',
    (opening) => {
      expect(() => read(opening.repeat(100_000))).toThrow(DecodeError)
    },
  )

  test('more than maxTokens are refused', () => {
    const few = yamlSerializer({ limits: { maxTokens: 100 } })
    expect(few.decode(Buffer.from('[a, b]'), 'utf-8')).toEqual(['a', 'b'])
    expect(() => few.decode(Buffer.from(`[${'a,'.repeat(100)}]`), 'utf-8')).toThrow(
      expect.objectContaining({ code: 'TOO_LARGE', message: expect.stringContaining('maxTokens') }),
    )
  })

  test('aliases of aliases are refused when they come to too much', () => {
    const bomb = (levels: number) =>
      Array.from({ length: levels }, (_, at) =>
        at === 0 ? 'a0: &a0 [lol]' : `a${at}: &a${at} [${`*a${at - 1}, `.repeat(10)}]`,
      ).join('\n')
    expect(read(bomb(4))).toMatchObject({ a0: ['lol'] })
    expect(() => read(bomb(10))).toThrow(
      expect.objectContaining({ code: 'TOO_LARGE', message: expect.stringContaining('again') }),
    )
  })

  test('merges of merges do not grow', () => {
    const bomb = Array.from({ length: 100 }, (_, at) =>
      at === 0 ? '- &a0 {x: 1}' : `- &a${at} {<<: [${`*a${at - 1}, `.repeat(10)}], k${at}: 1}`,
    ).join('\n')
    expect((read(bomb) as unknown[]).length).toBe(100)
  })
})

const value = fc.anything({
  key: fc.string({ unit: 'grapheme' }).filter((key) => key !== '__proto__'),
  values: [
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('yes', '012', '1:30', '2024-01-02', '~', '<<', '- a', 'a: b'),
    fc.double(),
    fc.maxSafeInteger(),
    fc.bigInt({ min: 2n ** 53n, max: 2n ** 300n }),
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array(),
    fc.date({
      min: new Date('0001-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59.999Z'),
      noInvalidDate: true,
    }),
  ],
})

test('what was written is read', () => {
  fc.assert(
    fc.property(value, (one) => {
      expect(read(write(one))).toEqual(one)
    }),
  )
})

test('reading throws nothing but DecodeError, whatever arrives', () => {
  const fragment = fc.constantFrom(
    ...[
      '- ',
      ': ',
      '? ',
      '\n',
      '  ',
      '[',
      ']',
      '{',
      '}',
      ',',
      '&a ',
      '*a',
      '!!int ',
      '!!set ',
      '|',
    ],
    ...[
      '>',
      '"',
      "'",
      '#',
      '%YAML 1.1',
      '---',
      '...',
      '<<',
      '=',
      '~',
      '1',
      '0x',
      '.',
      'e+1',
      'yes',
    ],
    ...['2024-01-02', ' 03:04:05', '!!binary ', '!!omap ', '!!timestamp ', '!', 'a', '\t', '\r'],
  )
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fragment, { maxLength: 30 }).map((all) => all.join('')),
  )
  fc.assert(
    fc.property(text, (input) => {
      try {
        read(input)
      } catch (error) {
        expect(error).toBeInstanceOf(DecodeError)
        expect(Object(error).cause).not.toBeInstanceOf(TypeError)
      }
    }),
    { numRuns: 3000 },
  )
})
