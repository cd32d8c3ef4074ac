/**
 * Our JSON and compression against Kombu's own, on random values, in both directions.
 */
import { defaultCodecs } from '@dashi/messaging'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Peer, startPeer } from './peer.ts'
import { findPython } from './python.ts'

interface Command<Arguments extends object> {
  readonly arguments: Arguments
  readonly result: readonly string[]
}

type CodecCommands = {
  pass_through: Command<{ readonly bodies: readonly string[] }>
  generate: Command<{ readonly seed: number; readonly count: number }>
  compare: Command<{ readonly seed: number; readonly bodies: readonly string[] }>
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
        const answers = await request('pass_through', { bodies })
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
      const theirs = await request('generate', { seed, count: perRound })
      const bodies = theirs.map((body) => base64(write(read(body))))
      const differences = await request('compare', { seed, bodies })
      expect(differences, `seed ${seed}`).toEqual([])
    }
  })

  test('each expands what the other compressed', async () => {
    const bodies = fc.sample(fc.uint8Array({ maxLength: 5000 }), 50)
    const compressed = bodies.map((body) => base64(defaultCodecs.compress(body, 'gzip').body))
    for (const method of ['gzip', 'application/x-gzip']) {
      const answers = await request('pass_compressed', { bodies: compressed, method })
      const plain = answers.map((answer) =>
        defaultCodecs.decompress(fromBase64(answer), method, { maxBytes: 5000 }),
      )
      expect(plain.map((body) => new Uint8Array(body))).toEqual(bodies)
    }
  })
})
