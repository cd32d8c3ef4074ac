import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ReplyError } from '../connection/client-errors.ts'
import { type Reply, type ReplyLimits, replyLimits, UnreadableReplyError } from './reply.ts'
import { ReplyReader } from './reply-reader.ts'

interface Heard {
  readonly kind: 'reply' | 'refusal' | 'push'
  readonly value: unknown
}

interface Reading {
  readonly asBytes?: boolean
  readonly limits?: Partial<ReplyLimits>
}

/** Reads chunks from one and the same piece of memory, as a socket does. */
function heard(chunks: readonly Uint8Array[], { asBytes = false, limits }: Reading = {}): Heard[] {
  const all: Heard[] = []
  const reader = new ReplyReader(
    {
      wantsBytes: () => asBytes,
      onReply: (value) => all.push({ kind: 'reply', value }),
      onRefusal: (value) => all.push({ kind: 'refusal', value }),
      onPush: (value) => all.push({ kind: 'push', value }),
    },
    { ...replyLimits, ...limits },
  )
  const memory = Buffer.alloc(chunks.reduce((most, { length }) => Math.max(most, length), 0))
  for (const chunk of chunks) {
    memory.fill('\n')
    memory.set(chunk)
    reader.read(memory, chunk.length)
  }
  return all
}

const heardOf = (text: string, reading?: Reading) => heard([Buffer.from(text)], reading)
const replyTo = (text: string, reading?: Reading) => heardOf(text, reading)[0]?.value
const whyNot = (text: string, limits?: Partial<ReplyLimits>) => {
  try {
    return heardOf(text, limits === undefined ? {} : { limits })
  } catch (error) {
    expect(error).toBeInstanceOf(UnreadableReplyError)
    return error instanceof Error ? error.message : ''
  }
}

describe('values', () => {
  test.each<[string, Reply]>([
    ['+OK\r\n', 'OK'],
    ['+\r\n', ''],
    [':0\r\n', 0],
    [':-0\r\n', 0],
    [':+7\r\n', 7],
    [':-42\r\n', -42],
    [':9007199254740991\r\n', Number.MAX_SAFE_INTEGER],
    [':9223372036854775807\r\n', 9223372036854775807n],
    [':-9223372036854775808\r\n', -9223372036854775808n],
    ['$5\r\nhello\r\n', 'hello'],
    ['$0\r\n\r\n', ''],
    ['$6\r\na\r\n\r\nb\r\n', 'a\r\n\r\nb'],
    ['$6\r\n日本\r\n', '日本'],
    ['$-1\r\n', null],
    ['*-1\r\n', null],
    ['_\r\n', null],
    ['#t\r\n', true],
    ['#f\r\n', false],
    [',3.25\r\n', 3.25],
    [',10\r\n', 10],
    [',-1e+20\r\n', -1e20],
    [',inf\r\n', Number.POSITIVE_INFINITY],
    [',-inf\r\n', Number.NEGATIVE_INFINITY],
    [',nan\r\n', Number.NaN],
    [
      '(3492890328409238509324850943850943825024385\r\n',
      3492890328409238509324850943850943825024385n,
    ],
    ['(-5\r\n', -5n],
    ['=8\r\ntxt:text\r\n', 'text'],
    ['=4\r\nmkd:\r\n', ''],
    ['*0\r\n', []],
    ['*3\r\n:1\r\n$1\r\na\r\n_\r\n', [1, 'a', null]],
    ['*2\r\n*1\r\n*1\r\n:1\r\n*0\r\n', [[[1]], []]],
    ['~2\r\n+a\r\n+b\r\n', ['a', 'b']],
    [
      '%2\r\n+a\r\n:1\r\n:2\r\n*0\r\n',
      new Map<Reply, Reply>([
        ['a', 1],
        [2, []],
      ]),
    ],
    ['%0\r\n', new Map()],
    ['|1\r\n+ttl\r\n:9\r\n:5\r\n', 5],
    ['|0\r\n:5\r\n', 5],
    ['*2\r\n|1\r\n+ttl\r\n:9\r\n:1\r\n:2\r\n', [1, 2]],
  ])('%j', (text, value) => {
    expect(heardOf(text)).toEqual([{ kind: 'reply', value }])
  })

  test.each([['-WRONGTYPE no list\r\n'], ['!18\r\nWRONGTYPE no list\n\r\n']])(
    'an error is a refusal: %j',
    (text) => {
      const [first] = heardOf(text)
      expect(first).toMatchObject({ kind: 'refusal', value: { kind: 'WRONGTYPE' } })
      expect(first?.value).toBeInstanceOf(ReplyError)
    },
  )

  test('an error inside of an array is a value', () => {
    expect(replyTo('*2\r\n-ERR one\r\n:1\r\n')).toEqual([new ReplyError('ERR one'), 1])
  })

  test('strings are bytes where these are wanted, words of the protocol never', () => {
    const text = '*3\r\n+OK\r\n$2\r\n\u00ff\r\n=5\r\ntxt:a\r\n'
    expect(replyTo(text, { asBytes: true })).toEqual([
      'OK',
      Buffer.from('\u00ff'),
      Buffer.from('a'),
    ])
  })

  test('a push is told apart, with its last string as bytes', () => {
    const message = '>3\r\n$7\r\nmessage\r\n$2\r\nch\r\n$1\r\nx\r\n'
    for (const asBytes of [true, false]) {
      expect(heardOf(`:1\r\n${message}:2\r\n`, { asBytes })).toEqual([
        { kind: 'reply', value: 1 },
        { kind: 'push', value: ['message', 'ch', Buffer.from('x')] },
        { kind: 'reply', value: 2 },
      ])
    }
    const invalidation = '>2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\nk\r\n'
    expect(heardOf(invalidation)).toEqual([{ kind: 'push', value: ['invalidate', ['k']] }])
  })
})

/** As a server would write it. */
function written(reply: Reply): string {
  if (reply === null) return '_\r\n'
  if (typeof reply === 'boolean') return `#${reply ? 't' : 'f'}\r\n`
  if (typeof reply === 'bigint') return `(${reply}\r\n`
  if (typeof reply === 'string') return `$${Buffer.byteLength(reply)}\r\n${reply}\r\n`
  if (typeof reply === 'number')
    return Number.isSafeInteger(reply) ? `:${reply}\r\n` : double(reply)
  if (reply instanceof ReplyError) return `-${reply.message}\r\n`
  if (Array.isArray(reply)) return `*${reply.length}\r\n${reply.map(written).join('')}`
  if (!(reply instanceof Map)) throw new TypeError('Bytes are not written here')
  const entries = [...reply].map(([key, value]) => written(key) + written(value))
  return `%${reply.size}\r\n${entries.join('')}`
}

function double(value: number): string {
  const text = String(value).replace('Infinity', 'inf').replace('NaN', 'nan')
  return `,${text}\r\n`
}

const scalar = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.bigInt(),
  fc.string({ unit: 'binary' }),
  fc.maxSafeInteger().map((value) => value + 0),
  fc.double(),
  fc.constantFrom('ERR a', 'WRONGTYPE b c').map((message) => new ReplyError(message)),
)
const { reply: anyReply } = fc.letrec<{ reply: Reply }>((tie) => ({
  reply: fc.oneof(
    { depthSize: 'small' },
    scalar,
    fc.array(tie('reply')),
    fc.array(fc.tuple(fc.string(), tie('reply'))).map((entries) => new Map(entries)),
  ),
}))

/** A number that is whole is read as such, and -0 is 0. */
function asRead(reply: Reply): Reply {
  if (typeof reply === 'number') return reply + 0
  if (Array.isArray(reply)) return reply.map(asRead)
  if (reply instanceof Map) return new Map([...reply].map(([key, value]) => [key, asRead(value)]))
  return reply
}

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const inside = places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b)
  return [...inside, bytes.length].map((place, index) => {
    return bytes.subarray(inside[index - 1] ?? 0, place)
  })
}

describe('any stream of replies', () => {
  const stream = fc.array(anyReply, { minLength: 1, maxLength: 8 })

  test('says what was written', () => {
    fc.assert(
      fc.property(stream, (replies) => {
        const values = heardOf(replies.map(written).join('')).map(({ value }) => value)
        expect(values).toEqual(replies.map(asRead))
      }),
    )
  })

  test('says the same however it is cut', () => {
    const places = fc.array(fc.nat(), { maxLength: 20 })
    fc.assert(
      fc.property(stream, places, fc.boolean(), (replies, where, asBytes) => {
        const bytes = Buffer.from(replies.map(written).join(''))
        expect(heard(cut(bytes, where), { asBytes })).toEqual(heard([bytes], { asBytes }))
      }),
    )
  })

  test('says the same byte by byte', () => {
    fc.assert(
      fc.property(stream, (replies) => {
        const bytes = Buffer.from(replies.map(written).join(''))
        const single = [...bytes].map((byte) => Buffer.from([byte]))
        expect(heard(single)).toEqual(heard([bytes]))
      }),
      { numRuns: 30 },
    )
  })

  test('never hangs on garbage, nor fails in another way than its own', () => {
    const alphabet = fc.constantFrom(...'+-:$*_#,(!=%~|>0123456789\r\nabc')
    const garbage = fc.oneof(fc.string({ unit: alphabet }), fc.string())
    fc.assert(
      fc.property(garbage, (text) => {
        try {
          heardOf(text)
        } catch (error) {
          expect(error).toBeInstanceOf(UnreadableReplyError)
        }
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('what is no answer', () => {
  test.each([
    ['HTTP/1.1 400 Bad Request\r\n', /no RESP3 at "HTTP/],
    [':1\n', /no RESP3/],
    ['\r\n', /no RESP3/],
    ['+\n', /no RESP3/],
    [':\r\n', /a number belongs/],
    [':-\r\n', /a number belongs/],
    [':1a\r\n', /"1a" where a number/],
    [`:${'9'.repeat(5_000)}\r\n`, /a number belongs/],
    [',1,5\r\n', /a number belongs/],
    [',\r\n', /a number belongs/],
    ['(1.5\r\n', /a number belongs/],
    ['#x\r\n', /no RESP3/],
    ['_x\r\n', /no RESP3/],
    ['$-2\r\n', /length -2/],
    ['%-1\r\n', /length -1/],
    ['!-1\r\n:1\r\n', /length -1/],
    ['$?\r\n;4\r\nHell\r\n;0\r\n', /a number belongs/],
    ['$3\r\nlonger\r\n', /longer than it says/],
    ['=3\r\ntxt\r\n', /without a format/],
    ['*1\r\n>1\r\n+a\r\n', /push inside/],
  ])('%j', (text, reason) => {
    expect(whyNot(text)).toMatch(reason)
  })

  test.each<[string, string, Partial<ReplyLimits>]>([
    ['a string', '$11\r\n', { maxBulkBytes: 10 }],
    ['a length', '$99999999999999999999\r\n', {}],
    ['a line without an end', `+${'x'.repeat(20)}`, { maxLineBytes: 10 }],
    ['an array', '*11\r\n', { maxValues: 10 }],
    ['a map', '%6\r\n', { maxValues: 10 }],
    ['arrays together', '*2\r\n*5\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n*5\r\n', { maxValues: 10 }],
    ['nesting', '*1\r\n'.repeat(11), { maxDepth: 10 }],
    ['nesting of attributes', '|1\r\n'.repeat(11), { maxDepth: 10 }],
    ['a reply', `*9\r\n${'+a\r\n'.repeat(8)}`, { maxReplyBytes: 30 }],
  ])('%s beyond its bound', (_, text, limits) => {
    expect(whyNot(text, limits)).toMatch(/^the server's answer exceeds/)
  })

  test('bounds are for one reply, not for the connection', () => {
    const limits = { maxReplyBytes: 40, maxValues: 10, maxLineBytes: 10, maxDepth: 2 }
    const replies = `*2\r\n*1\r\n:1\r\n+abc\r\n`.repeat(100)
    expect(heardOf(replies, { limits })).toHaveLength(100)
    const single = [...Buffer.from(replies)].map((byte) => Buffer.from([byte]))
    expect(heard(single, { limits })).toHaveLength(100)
  })
})

// Were what is there copied for each piece, it would be 512 GiB.
test('a large string in small pieces is copied once', { timeout: 10_000 }, () => {
  const piece = Buffer.alloc(1024, 'x')
  const pieces = Array<Buffer>(32 * 1024).fill(piece)
  const size = pieces.length * piece.length
  const chunks = [Buffer.from(`$${size}\r\n`), ...pieces, Buffer.from('\r\n')]
  expect(heard(chunks)[0]?.value).toHaveLength(size)
})

test('a sink that has had enough stops the reading', () => {
  const replies: Reply[] = []
  const reader: ReplyReader = new ReplyReader({
    wantsBytes: () => false,
    onReply: (reply) => {
      replies.push(reply)
      reader.stop()
    },
    onRefusal: () => undefined,
    onPush: () => undefined,
  })
  reader.read(Buffer.from(':1\r\n:2\r\n'))
  expect(replies).toEqual([1])
})
