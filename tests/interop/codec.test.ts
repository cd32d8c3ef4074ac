/**
 * Our serializers and compressions against Kombu's own, on random values, in both directions.
 */
import { Decimal, defaultCodecs, PlainDate, PlainTime, Uuid } from '@dashi/messaging'
import { bzip2 } from '@dashi/messaging/bzip2'
import { msgpack } from '@dashi/messaging/msgpack'
import { pickle } from '@dashi/messaging/pickle'
import { xz } from '@dashi/messaging/xz'
import { yaml } from '@dashi/messaging/yaml'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Peer, startPeer } from './peer.ts'
import { findPython } from './python.ts'

interface Command<Arguments extends object> {
  readonly arguments: Arguments
  readonly result: readonly string[]
}

type CodecCommands = {
  pass_through: Command<{ readonly bodies: readonly string[]; readonly serializer: string }>
  generate: Command<{ readonly seed: number; readonly count: number; readonly serializer: string }>
  compare: Command<{
    readonly seed: number
    readonly bodies: readonly string[]
    readonly serializer: string
  }>
  pass_compressed: Command<{ readonly bodies: readonly string[]; readonly method: string }>
}

const rounds = 5
const perRound = 100
const python = findPython('kombu56')
let peer: Peer<CodecCommands> | undefined

function request<Name extends keyof CodecCommands>(
  command: Name,
  args: CodecCommands[Name]['arguments'],
): Promise<readonly string[]> {
  if (peer === undefined) throw new Error('The peer was not started')
  return peer.request(command, args)
}

const base64 = (body: Uint8Array | string): string => Buffer.from(body).toString('base64')
const fromBase64 = (body: string): Uint8Array => new Uint8Array(Buffer.from(body, 'base64'))
const write = (one: unknown): string => String(defaultCodecs.dumps(one, 'json').body)
const readBytes = (bytes: Uint8Array): unknown =>
  defaultCodecs.loads(bytes, { contentType: 'application/json' })
const read = (body: string): unknown => readBytes(fromBase64(body))

/** A value of ours, of the class that stands for a tag. */
function ofTag(tag: string, encoded: unknown): unknown {
  return readBytes(Buffer.from(JSON.stringify({ __type__: tag, __value__: encoded })))
}

const pythonDate = fc.date({
  min: new Date('0001-01-02T00:00:00Z'),
  max: new Date('9999-12-30T23:59:59.999Z'),
  noInvalidDate: true,
})
const isoDay = pythonDate.map((date) => date.toISOString().slice(0, 10))
const isoTime = fc
  .tuple(pythonDate, fc.nat(999999), fc.constantFrom('', '+00:00', '+05:30', '-23:59', '+00:09:21'))
  .map(([date, microsecond, offset]) => {
    const fraction = microsecond % 2 === 0 ? '' : `.${String(microsecond).padStart(6, '0')}`
    return `${date.toISOString().slice(11, 19)}${fraction}${offset}`
  })

const leaf: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(null, true, false, Number.NaN, Infinity, -Infinity, 2 ** 53, 1e21, '__type__'),
  fc.integer(),
  fc.double({ noNaN: true }).map((value) => (value === 0 ? 0 : value)),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 300n }),
  fc.bigInt({ min: -(2n ** 300n), max: -(2n ** 53n) }),
  fc.string({ unit: 'binary' }),
  pythonDate,
  fc.tuple(isoDay, isoTime).map(([day, time]) => ofTag('datetime', `${day}T${time}`)),
  isoDay.map((day) => ofTag('date', day)),
  isoTime.map((time) => ofTag('time', time)),
  fc.tuple(fc.bigInt(), fc.nat(999)).map(([whole, rest]) => ofTag('decimal', `${whole}.${rest}`)),
  fc.uuid().map((text) => ofTag('uuid', { hex: text })),
  fc.uint8Array({ maxLength: 20 }),
  fc.string({ unit: 'binary' }).map((text) => new TextEncoder().encode(text)),
)
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(
      fc.string({ unit: 'binary' }).filter((key) => key !== '__proto__'),
      tie('value'),
      { maxKeys: 5 },
    ),
  ),
}))

const codecs = defaultCodecs
  .withSerializer(yaml)
  .withSerializer(msgpack)
  .withSerializer(pickle)
  .withEnabled('pickle')
  .withCompressor(bzip2)
  .withCompressor(xz)

function readAs(serializer: string, body: string): unknown {
  const { contentType } = codecs.dumps(null, serializer)
  return codecs.loads(fromBase64(body), { contentType })
}

/** Exact to the offset and the last digit, and without the order of keys, which YAML sorts. */
function canonical(one: unknown): unknown {
  if (one instanceof Uint8Array) return { bytes: base64(one) }
  if (one instanceof Date) return { instant: write(one) }
  if (one instanceof PlainDate || one instanceof PlainTime) return { [String(one)]: write(one) }
  if (one instanceof Decimal || one instanceof Uuid) return { [String(one)]: write(one) }
  if (Array.isArray(one)) return one.map(canonical)
  if (one instanceof Map)
    return new Map([...one].map((entry) => entry.map(canonical) as [unknown, unknown]))
  if (typeof one !== 'object' || one === null) return one
  return Object.fromEntries(Object.entries(one).map(([key, part]) => [key, canonical(part)]))
}

/** Values of these leaves, in lists and objects. */
function nested(...leaves: readonly fc.Arbitrary<unknown>[]): fc.Arbitrary<unknown> {
  const key = fc.string({ unit: 'binary' }).filter((name) => name !== '__proto__')
  return fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      ...leaves,
      fc.array(tie('value'), { maxLength: 5 }),
      fc.dictionary(key, tie('value'), { maxKeys: 5 }),
    ),
  }))['value'] as fc.Arbitrary<unknown>
}

const plainLeaf = fc.oneof(
  fc.constantFrom(null, true, false, Number.NaN, Infinity, 2 ** 53, 1e21, -0),
  fc.integer(),
  fc.double(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('yes', '012', '1:30', '2024-01-02', '~', '<<', '- a', 'a: b', '.5', '1e3'),
  fc.uint8Array({ maxLength: 20 }),
)
const days = isoDay.map((day) => new PlainDate(day))
const instants = fc.oneof(
  pythonDate,
  fc.tuple(isoDay, isoTime).map(([day, time]) => ofTag('datetime', `${day}T${time}`)),
)
const long = (bits: bigint) => fc.bigInt({ min: -(2n ** bits), max: 2n ** bits })
const others = [
  {
    serializer: 'yaml',
    value: nested(
      plainLeaf,
      days,
      // YAML has no offsets with seconds.
      instants.filter((date) => !String(date).endsWith(':21')),
      long(200n).filter(isBeyondSafe),
    ),
  },
  { serializer: 'msgpack', value: nested(plainLeaf, pythonDate, long(63n).filter(isBeyondSafe)) },
  {
    serializer: 'pickle',
    value: nested(
      plainLeaf,
      days,
      instants,
      long(3000n).filter(isBeyondSafe),
      isoTime.map((time) => new PlainTime(time)),
      fc.uuid().map((text) => new Uuid(text)),
      fc.tuple(fc.bigInt(), fc.nat(999)).map(([whole, rest]) => new Decimal(`${whole}.${rest}`)),
      fc.uniqueArray(fc.string({ unit: 'binary' })).map((items) => new Map([[1, items]])),
    ),
  },
]

function isBeyondSafe(integer: bigint): boolean {
  return !Number.isSafeInteger(Number(integer))
}

describe('with Kombu 5.6', () => {
  beforeAll(async () => {
    if (python.path === undefined) return
    peer = await startPeer<CodecCommands>({ python: python.path, program: 'codec_peer.py' })
  })

  beforeEach(({ skip }) => {
    if (python.reason !== undefined) skip(python.reason)
  })

  afterAll(() => peer?.close())

  test('what we write, Python reads and writes back unchanged', async () => {
    const batch = fc.array(value, { minLength: perRound, maxLength: perRound })
    await fc.assert(
      fc.asyncProperty(batch, async (ours) => {
        const bodies = ours.map((one) => base64(write(one)))
        const answers = await request('pass_through', { bodies, serializer: 'json' })
        expect(answers.map(read)).toEqual(ours.map((one) => read(base64(write(one)))))
        // Texts, because equality of dates does not see microseconds and offsets.
        expect(answers.map((answer) => write(read(answer)))).toEqual(ours.map((one) => write(one)))
      }),
      { numRuns: rounds, endOnFailure: true },
    )
  })

  test('what Python writes, we read and write back unchanged', async () => {
    for (let round = 0; round < rounds; round += 1) {
      const seed = Math.floor(Math.random() * 2 ** 31)
      const theirs = await request('generate', { seed, count: perRound, serializer: 'json' })
      const bodies = theirs.map((body) => base64(write(read(body))))
      const differences = await request('compare', { seed, bodies, serializer: 'json' })
      expect(differences, `seed ${seed}`).toEqual([])
    }
  })

  test.each(others)('what we write as $serializer, Python reads and writes back', async (other) => {
    const { serializer, value } = other
    const batch = fc.array(value, { minLength: perRound, maxLength: perRound })
    await fc.assert(
      fc.asyncProperty(batch, async (ours) => {
        const bodies = ours.map((one) => base64(codecs.dumps(one, serializer).body))
        const answers = await request('pass_through', { bodies, serializer })
        const theirs = answers.map((answer) => readAs(serializer, answer))
        expect(theirs.map(canonical)).toEqual(ours.map(canonical))
      }),
      { numRuns: rounds, endOnFailure: true },
    )
  })

  test.each(others)('what Python writes as $serializer, we read and write back', async (other) => {
    const { serializer } = other
    for (let round = 0; round < rounds; round += 1) {
      const seed = Math.floor(Math.random() * 2 ** 31)
      const theirs = await request('generate', { seed, count: perRound, serializer })
      const bodies = theirs.map((body) =>
        base64(codecs.dumps(readAs(serializer, body), serializer).body),
      )
      const differences = await request('compare', { seed, bodies, serializer })
      expect(differences, `seed ${seed}`).toEqual([])
    }
  })

  test.each(['gzip', 'application/x-gzip', 'brotli', 'zstd', 'bzip2', 'lzma'])(
    'each expands what the other compressed: %s',
    async (method) => {
      const repeated = fc
        .tuple(fc.uint8Array({ minLength: 1, maxLength: 50 }), fc.integer({ min: 1, max: 100 }))
        .map(([part, times]) => new Uint8Array(Buffer.concat(Array(times).fill(part))))
      const bodies = fc.sample(fc.oneof(fc.uint8Array({ maxLength: 5000 }), repeated), 50)
      const compressed = bodies.map((body) => base64(codecs.compress(body, method).body))
      const answers = await request('pass_compressed', { bodies: compressed, method })
      const plain = answers.map((answer) =>
        codecs.decompress(fromBase64(answer), method, { maxBytes: 5000 }),
      )
      expect(plain.map((body) => new Uint8Array(body))).toEqual(bodies)
    },
  )
})
