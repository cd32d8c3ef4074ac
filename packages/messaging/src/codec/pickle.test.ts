import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ConfigurationError, DecodeError, EncodeError } from '../errors.ts'
import { defaultCodecs } from './codec-registry.ts'
import { DateTime } from './date-time.ts'
import { Decimal } from './decimal.ts'
import { pickle, pickleSerializer } from './pickle.ts'
import { PlainDate } from './plain-date.ts'
import { PlainTime } from './plain-time.ts'
import { Uuid } from './uuid.ts'

const encode = (value: unknown): Uint8Array => pickle.encode(value) as Uint8Array
const decode = (bytes: Uint8Array): unknown => pickle.decode(bytes, 'binary')
/** A pickle of printable instructions; `\x80` and so on where there is no letter. */
const read = (instructions: string): unknown => decode(Buffer.from(instructions, 'latin1'))

describe('reading', () => {
  test.each([
    ['N.', null],
    ['I01\n.', true],
    ['I00\n.', false],
    ['I1\n.', 1],
    ['I-12\n.', -12],
    ['L9007199254740993L\n.', 2n ** 53n + 1n],
    ['L5L\n.', 5],
    ['J\xff\xff\xff\xff.', -1],
    ['M\xff\xff.', 65_535],
    ['\x8a\0.', 0],
    ['\x8a\x01\xff.', -1],
    ['\x8a\x02\xff\0.', 255],
    ['\x8b\x01\0\0\0\x80.', -128],
    ['F1.5\n.', 1.5],
    ['F-1e+300\n.', -1e300],
    ['F-inf\n.', -Infinity],
    ['Fnan\n.', Number.NaN],
    ['G\x3f\xf8\0\0\0\0\0\0.', 1.5],
    ['Va\\u20ac\\U0001f600\xe9\n.', 'a€😀é'],
    ['X\x02\0\0\0\xc3\xa9.', 'é'],
    ['\x8d\x01\0\0\0\0\0\0\0x.', 'x'],
    ['\x8e\x01\0\0\0\0\0\0\0x.', Uint8Array.of(0x78)],
    ['(lp0\nI1\naI2\na.', [1, 2]],
    ['(I1\nI2\nt.', [1, 2]],
    ['(I1\nI2\nl.', [1, 2]],
    ['(VA\nI1\nd.', { A: 1 }],
    ['}(VA\nI1\nVB\nI2\nu.', { A: 1, B: 2 }],
    ['}K\x01Va\ns.', new Map([[1, 'a']])],
    ['}VA\nK\x01sVA\nK\x02s.', { A: 2 }],
    ['(K\x01K\x02\x91.', new Set([1, 2])],
    ['K\x01(K\x02K\x031.', 1],
    ['K\x01(0.', 1],
    ['K\x01K\x020.', 1],
    [']K\x01q\x05ah\x05a.', [1, 1]],
    ['K\x012\x86.', [1, 1]],
    ['K\x01r\xff\xff\xff\xffj\xff\xff\xff\xff\x86.', [1, 1]],
    ['Nq\0h\0\x86.', [null, null]],
    ['K\x01\x94K\x02\x94h\0h\x01\x86.', [1, 2]],
    ['\x80\x05\x95\x02\0\0\0\0\0\0\0N.', null],
    // The second 02:30 of a night in autumn.
    [
      'cdatetime\ndatetime\n(C\x0a\x07\xe8\x8a\x1b\x02\x1e\0\0\0\0tR.',
      new DateTime('2024-10-27T02:30'),
    ],
    ['cpytz\n_UTC\n)R\x94c__builtin__\nset\n)R.', new Set()],
    ['c_codecs\nencode\n(V\xff\nVlatin1\ntR.', Uint8Array.of(255)],
  ])('%j is %o', (instructions, value) => {
    expect(read(instructions)).toEqual(value)
  })

  test('what is shared stays shared', () => {
    const [first, second] = read('](]q\0h\0e.') as unknown[]
    expect(first).toBe(second)
    const uuid = '\x80\x02cuuid\nUUID\n)\x81q\0}X\x03\0\0\0intK\x05sb'
    expect(read(`](${uuid}h\0e.`)).toEqual(Array(2).fill(new Uuid('5'.padStart(32, '0'))))
  })

  test.each([
    ['', 'ends at byte 0'],
    ['N', 'ends at byte 1'],
    ['N.N', '1 more bytes'],
    ['.', 'empty stack'],
    ['(.', 'empty stack'],
    ['a', 'empty stack'],
    ['t', 'a mark that is not there'],
    ['N(ta', 'appends to what is no list'],
    ['N(Nu', 'no dict'],
    ['}(Nu.', 'a key without a value'],
    ['N(\x90', 'no set'],
    ['h\0', 'number 0, which is not there'],
    ['gx\n', 'no number'],
    ['\xff', 'unknown instruction 255'],
    ['\x80\x06', 'protocol 6'],
    ['\x95\x05\0\0\0\0\0\0\0N.', 'middle of a frame'],
    ['Ix\n', 'integer that is none'],
    [`L${'9'.repeat(5000)}L\n.`, '5000 digits'],
    ['\x8b\xff\xff\xff\xff', 'less than no bytes'],
    ['Fx\n', 'float that is none'],
    ['V\\U00110000\n.', 'code point'],
    ['X\xff\xff\xff\xff', 'in the middle of a value'],
    ['\x8d\0\0\0\0\0\0\0\xff', 'in the middle of a value'],
    ['X\x01\0\0\0\xff.', "text in 'utf-8'"],
    ['X\x03\0\0\0\xed\xa0\xbd.', "text in 'utf-8'"],
    ["S'abc'\n.", 'str of Python 2'],
    ['U\x01a.', 'str of Python 2'],
    ['P1\n.', 'persistent id'],
    ['NQ.', 'persistent id'],
    ['\x82\x01.', 'extension registry'],
    ['\x97.', 'buffer'],
    [']q\0h\0a.', 'contains itself'],
    ['}q\0Va\nh\0s.', 'contains itself'],
    ['}V__proto__\n}s.', "key '__proto__'"],
    ['cbuiltins\nset\n.', "'builtins.set' as a value"],
    ['cdatetime\ntimedelta\n(K\x01K\x01K\x01tR.', "'datetime.timedelta' as a value"],
    ['cuuid\nUUID\n)\x81.', 'without its number'],
    ['cuuid\nUUID\n)R.', 'calls what is no class'],
    ['N)R.', 'calls what is no class'],
    ['cdecimal\nDecimal\nNR.', 'what are no arguments'],
    ['cdecimal\nDecimal\n(K\x01tR.', 'what is no text'],
    ['cdecimal\nDecimal\n(Vx\ntR.', "'x' is not a decimal"],
    ['cdatetime\ndate\n(C\x03abctR.', 'unknown form'],
    ['cdatetime\ndate\n(C\x04\x07\xe8\x02\x1etR.', "'2024-02-30' is not a date"],
    ['cdatetime\ntime\n(C\x06\0\0\0\0\0\0NtR.', 'a zone that is none'],
    ['cdatetime\ntimedelta\n(]]]tR.', 'timedelta in an unknown form'],
    ['cdatetime\ntimezone\n(NtR.', 'zone that is none'],
    ['c_codecs\nencode\n(Vx\nVrot13\ntR.', 'than Latin-1'],
    ['c_codecs\nencode\n(V\\u20ac\nVlatin1\ntR.', 'than Latin-1'],
    ['ccollections\nOrderedDict\n(NtR.', 'OrderedDict in an unknown way'],
    ['cuuid\nUUID\n(K\x01t\x81.', 'an unknown class'],
    ['cuuid\nUUID\n)\x81}Vint\nK\x01sb}b.', 'no UUID'],
    ['cuuid\nUUID\n)\x81}Vint\n\x8a\x01\xffsb.', 'no UUID'],
    ['ccopy_reg\n_reconstructor\n(cbuiltins\nobject\ncbuiltins\nobject\nNtR.', 'unknown class'],
  ])('%j is refused: %s', (instructions, reason) => {
    expect(() => read(instructions)).toThrow(DecodeError)
    expect(() => read(instructions)).toThrow(reason)
  })

  // Ways to run code that are known of Python's own reader.
  test.each([
    ['cos\nsystem\n(Vid\ntR.', 'os.system'],
    ['cposix\nsystem\n(Vid\ntR.', 'posix.system'],
    ['c__builtin__\neval\n(V1\ntR.', 'builtins.eval'],
    ['cbuiltins\ngetattr\n(NVx\ntR.', 'builtins.getattr'],
    ['\x80\x04\x8c\x08builtins\x8c\x04exec\x93\x8c\x01x\x85R.', 'builtins.exec'],
    ['\x80\x04\x8c\x0asubprocess\x8c\x05Popen\x93)\x92.', 'subprocess.Popen'],
    ['(Vid\nios\nsystem\n.', 'os.system'],
    ['(cos\nsystem\nVid\no.', 'os.system'],
    ['c__main__\nThing\n)\x81}b.', '__main__.Thing'],
    ['ckombu.exceptions\nOperationalError\n(Vx\ntR.', 'kombu.exceptions.OperationalError'],
    ['czoneinfo\nZoneInfo._unpickle\n(VEurope/Paris\nK\x01tR.', 'zoneinfo.ZoneInfo._unpickle'],
    ['cconstructor\nconstructor\n)R.', 'constructor.constructor'],
    ['c__proto__\n__proto__\n)R.', '__proto__.__proto__'],
  ])('%j is refused and named: %s', (instructions, name) => {
    expect(() => read(instructions)).toThrow(
      expect.objectContaining({
        name: 'DecodeError',
        message: expect.stringContaining(`'${name}'`),
      }),
    )
  })
})

describe('writing', () => {
  test.each([
    [null, '80044e2e'],
    [true, '8004882e'],
    [255, '80044bff2e'],
    [256, '80044a000100002e'],
    [-1, '80044affffffff2e'],
    [2 ** 31, '80048a0500000080002e'],
    [-(2 ** 31) - 1, '80048a05ffffff7fff2e'],
    [32_768n, '80044a008000002e'],
    [-(2n ** 63n), '80048a0800000000000000802e'],
    [2n ** 63n, '80048a090000000000000080002e'],
    [-0, '80044780000000000000002e'],
    [2 ** 53, '80044743400000000000002e'],
    ['é', '80048c02c3a92e'],
    [Uint8Array.of(255), '80044301ff2e'],
    [[1, undefined], '80045d284b014e652e'],
    [{ a: 1, b: undefined }, '80047d288c01614b01752e'],
  ])('%o', (value, hex) => {
    expect(Buffer.from(encode(value)).toString('hex')).toBe(hex)
  })

  test.each([
    ['long text', 'x'.repeat(300)],
    ['long bytes', new Uint8Array(300)],
    ['a long integer', 2n ** 3000n],
    ['a long negative integer', -(2n ** 3000n)],
    [
      'a map',
      new Map<unknown, unknown>([
        [1, 'a'],
        [null, [1]],
      ]),
    ],
    ['a map with tuples', new Map([[[1, 'x'], 2]])],
    ['sets', [new Set([1, 'a']), new Set([new Set(['frozen'])])]],
    ['a Date', new Date('2024-01-02T03:04:05.678Z')],
    ['a naive DateTime', new DateTime('0001-01-01T00:00:00')],
    ['a DateTime east', new DateTime('9999-12-31T23:59:59.999999+05:30')],
    ['a DateTime west', new DateTime('2024-01-02T03:04:05.600000-23:59')],
    ['an offset with seconds', new DateTime('1900-01-01T00:00:00+00:09:21')],
    ['a PlainDate', new PlainDate('2024-02-29')],
    ['a PlainTime', new PlainTime('03:04:05.000006+00:00')],
    ['a Decimal', new Decimal('1.250')],
    ['Uuids', [new Uuid('f'.repeat(32)), new Uuid('0'.repeat(32))]],
  ])('%s comes back', (_what, value) => {
    expect(decode(encode(value))).toEqual(value)
    expect(String(decode(encode(value)))).toBe(String(value))
  })

  test('objects are written as what they say, or by their members', () => {
    class Point {
      x = 1
      y = undefined
    }
    expect(decode(encode([new Point(), new URL('http://a/')]))).toEqual([{ x: 1 }, 'http://a/'])
  })

  test.each([
    ['$.f', 'function', { f: () => 1 }],
    ['$.s', 'half a surrogate', { s: '\ud83d' }],
    ['$.d', 'Invalid time', { d: new Date(Number.NaN) }],
    ['$.d', 'year 10000', { d: new Date('+010000-01-01') }],
    ['$.p', 'Promise', { p: Promise.resolve() }],
    ['$.k', 'a key or the item of a set is an object', { k: new Map([[{}, 1]]) }],
    ['$.k', 'a key or the item of a set is an object', { k: new Set([[{}]]) }],
    ['$.a', "'__proto__'", { a: JSON.parse('{"__proto__": 1}') }],
    ['$.a', "'__proto__'", { a: new Map([['__proto__', 1]]) }],
  ])('the value at %s is refused: %s', (path, what, value) => {
    expect(() => encode(value)).toThrow(EncodeError)
    expect(() => encode(value)).toThrow(`at ${path},`)
    expect(() => encode(value)).toThrow(what)
  })

  test('circles are refused, the same object twice is not', () => {
    const shared = { n: 1 }
    const circle: Record<string, unknown> = { list: [shared, shared] }
    expect(decode(encode(circle))).toEqual(circle)
    circle['self'] = [circle]
    expect(() => encode(circle)).toThrow('at $.self[0], a circular reference')
  })
})

describe('limits', () => {
  test('as deep as maxDepth is written and read, one level more is not', () => {
    const shallow = pickleSerializer({ limits: { maxDepth: 3 } })
    const bytes = shallow.encode([[{ a: 1 }]]) as Uint8Array
    expect(shallow.decode(bytes, 'binary')).toEqual([[{ a: 1 }]])
    expect(() => shallow.encode([[[[]]]])).toThrow('deeper than 3 levels')
    expect(() => shallow.decode(encode([[[[]]]]), 'binary')).toThrow('deeper than 3 levels')
    // A shared value counts where it is deepest.
    const shared = Buffer.from('(]]aq\0]h\0at.', 'latin1')
    expect(() => shallow.decode(shared, 'binary')).toThrow('deeper than 3 levels')
    expect(() => pickleSerializer({ limits: { maxDepth: 0 } })).toThrow(ConfigurationError)
  })

  test('a million levels are refused', () => {
    const deep = `${']'.repeat(1_000_000)}${'a'.repeat(999_999)}.`
    expect(() => read(deep)).toThrow('deeper than 512 levels')
  })

  test('lists of lists of lists that are the same ones are refused when they come to too much', () => {
    const level = (inner: number) => `](${`h${String.fromCharCode(inner)}`.repeat(10)}eq`
    const bomb = (levels: number) => {
      const text = Array.from(
        { length: levels },
        (_, at) => `${level(at)}${String.fromCharCode(at + 1)}`,
      )
      return `Vlol\nq\0${text.join('')}.`
    }
    expect(read(bomb(5))).toHaveLength(10)
    expect(() => read(bomb(9))).toThrow(
      expect.objectContaining({ code: 'TOO_LARGE', message: expect.stringContaining('again') }),
    )
  })

  test('more lists and dicts than maxContainers are refused', () => {
    expect(() => read('}'.repeat(1_000_001))).toThrow('more than 1000000 lists')
  })
})

test('the type stays disabled when pickle is added, until it is enabled or accepted', () => {
  const codecs = defaultCodecs.withSerializer(pickle)
  const { body, ...content } = codecs.dumps([1], 'pickle')
  const bytes = Buffer.from(body)
  expect(content).toEqual({
    contentType: 'application/x-python-serialize',
    contentEncoding: 'binary',
  })
  expect(() => codecs.loads(bytes, content)).toThrow('disabled')
  expect(codecs.withEnabled('pickle').loads(bytes, content)).toEqual([1])
  const accept = codecs.acceptedContentTypes(['pickle'])
  expect(codecs.loads(bytes, { ...content, accept })).toEqual([1])
})

const value = fc.anything({
  key: fc.string({ unit: 'grapheme' }).filter((key) => key !== '__proto__'),
  withMap: false,
  values: [
    fc.string({ unit: 'grapheme' }),
    fc.double(),
    fc.maxSafeInteger(),
    fc.bigInt({ min: 2n ** 53n, max: 2n ** 300n }),
    fc.bigInt({ min: -(2n ** 300n), max: -(2n ** 53n) }),
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array(),
    fc.uuid().map((text) => new Uuid(text)),
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
      expect(decode(encode(one))).toEqual(one)
    }),
  )
})

test('reading throws nothing but DecodeError, whatever arrives', () => {
  const changed = fc.tuple(value, fc.nat(), fc.nat(255)).map(([one, at, byte]) => {
    const bytes = Uint8Array.from(encode(one))
    bytes[at % bytes.length] = byte
    return bytes
  })
  const fragment = fc.constantFrom(
    ...['(', ')', '.', ']', '}', 'a', 'e', 'd', 's', 'u', 't', 'l', '0', '1', '2', 'R', 'b', 'o'],
    ...['\x81', '\x85', '\x86', '\x87', '\x8f', '\x90', '\x91', '\x93', '\x94', 'q\0', 'h\0', 'N'],
    ...['K\x01', 'Vint\n', 'C\x04\x07\xe8\x01\x01', 'cuuid\nUUID\n', 'cdatetime\ndate\n'],
    ...['cdatetime\ntimedelta\n', 'cdatetime\ntimezone\n', 'cbuiltins\nset\n', 'Vlatin1\n'],
    ...['c_codecs\nencode\n', 'ccollections\nOrderedDict\n', 'cbuiltins\nobject\n'],
  )
  const instructions = fc
    .array(fragment, { maxLength: 40 })
    .map((all) => Buffer.from(`${all.join('')}.`, 'latin1'))
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), changed, instructions), (bytes) => {
      try {
        decode(bytes)
      } catch (error) {
        expect(error).toBeInstanceOf(DecodeError)
        // A mistake of ours would be a TypeError; TextDecoder throws those for invalid text.
        if (!String(error).includes('utf-8')) {
          expect(Object(error).cause).not.toBeInstanceOf(TypeError)
        }
      }
    }),
    { numRuns: 3000 },
  )
})
