/** What does it cost to write and to read a body and an envelope, beside the plainest way there is? */
import {
  brotliCompressSync,
  brotliDecompressSync,
  constants,
  deflateSync,
  inflateSync,
  zstdCompressSync,
  zstdDecompressSync,
} from 'node:zlib'
import { type CodecRegistry, defaultCodecs } from '@dashi/messaging'
import { bzip2 } from '@dashi/messaging/bzip2'
import { msgpack } from '@dashi/messaging/msgpack'
import { pickle } from '@dashi/messaging/pickle'
import { xz } from '@dashi/messaging/xz'
import { yaml } from '@dashi/messaging/yaml'
import { parse, stringify } from 'yaml'
import { body } from './contender.ts'
import { EnvelopeWriter, readMessage } from './envelope-module.ts'
import { type Case, measureCase } from './micro.ts'
import { median, ratios, rounded } from './ratios.ts'

type Print = (line: object) => Promise<void>

const large = { orders: Array.from({ length: 45 }, (_, index) => ({ ...body, id: index })) }
const bodies = [
  ['220 bytes', body],
  ['10 KB', large],
] as const
const unlimited = { maxBytes: Number.POSITIVE_INFINITY }

/** Asks in so many rounds. @returns whether every target is met. */
export async function askCodecs(rounds: number, print: Print): Promise<boolean> {
  const results: Record<string, number> = {}
  const micros: Record<string, number> = {}
  let targetsMet = true
  for (const one of [...serializerCases(), ...compressorCases(), ...envelopeCases()]) {
    const { ours, theirs } = measureCase(one, rounds)
    const ratio = rounded(median(ratios(ours, theirs)))
    targetsMet &&= ratio <= (one.atMost ?? Number.POSITIVE_INFINITY)
    results[`${one.name} / ${one.baseline}`] = ratio
    micros[one.name] = rounded(median(ours))
    const figures = { micros: micros[one.name], baselineMicros: rounded(median(theirs)), ratio }
    await print({ case: one.name, baseline: one.baseline, ...figures })
  }
  await print({ bench: 'codecs', ratios: results, micros, targetsMet })
  return targetsMet
}

function serializerCases(): readonly Case[] {
  const codecs = defaultCodecs
    .withSerializer(msgpack)
    .withSerializer(pickle)
    .withSerializer(yaml)
    .withEnabled('pickle')
  const names = ['json', 'msgpack', 'pickle', 'yaml']
  return bodies.flatMap(([size, value]) =>
    names.flatMap((name) => casesOf(codecs, { name, size, value })),
  )
}

interface Serialized {
  readonly name: string
  readonly size: string
  readonly value: object
}

/** JSON is what everybody compares with. */
function casesOf(codecs: CodecRegistry, { name, size, value }: Serialized): readonly Case[] {
  const { body: written, ...content } = codecs.dumps(value, name)
  const bytes = Buffer.from(written)
  const text = JSON.stringify(value)
  const textBytes = Buffer.from(text)
  const isJson = name === 'json'
  if (name === 'yaml') return yamlCases(codecs, { name, size, value })
  return [
    {
      name: `${name} encode, ${size}`,
      baseline: 'JSON.stringify',
      run: () => codecs.dumps(value, name),
      runBaseline: () => JSON.stringify(value),
      ...(isJson ? { atMost: 2 } : {}),
    },
    {
      name: `${name} decode, ${size}`,
      baseline: 'JSON.parse',
      run: () => codecs.loads(bytes, content),
      runBaseline: () => JSON.parse(textBytes.toString()),
      ...(isJson ? { atMost: 2 } : {}),
    },
  ]
}

/** Beside the package that it is made of, which knows neither Python's tags nor our bounds. */
function yamlCases(codecs: CodecRegistry, { size, value }: Serialized): readonly Case[] {
  const { body: written, ...content } = codecs.dumps(value, 'yaml')
  const [text, bytes] = [String(written), Buffer.from(written)]
  return [
    {
      name: `yaml encode, ${size}`,
      baseline: 'stringify of the package yaml',
      run: () => codecs.dumps(value, 'yaml'),
      runBaseline: () => stringify(value),
    },
    {
      name: `yaml decode, ${size}`,
      baseline: 'parse of the package yaml',
      run: () => codecs.loads(bytes, content),
      runBaseline: () => parse(text, { version: '1.1' }),
    },
  ]
}

function compressorCases(): readonly Case[] {
  const plain = Buffer.from(JSON.stringify(large))
  const codecs = defaultCodecs.withCompressor(bzip2).withCompressor(xz)
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: 4,
    [constants.BROTLI_PARAM_SIZE_HINT]: plain.length,
  }
  const baselines = [
    ['zlib', 'node:zlib', deflateSync, inflateSync],
    [
      'brotli',
      'node:zlib, quality 4',
      (it: Buffer) => brotliCompressSync(it, { params }),
      brotliDecompressSync,
    ],
    ['zstd', 'node:zlib', zstdCompressSync, zstdDecompressSync],
    // Written here, as Node has neither: beside what Node has.
    ['bzip2', 'deflate of node:zlib', deflateSync, inflateSync],
    ['lzma', 'deflate of node:zlib', deflateSync, inflateSync],
  ] as const
  return baselines.flatMap(([name, baseline, compress, decompress]) => {
    const compressed = codecs.compress(plain, name).body
    const theirs = compress(plain)
    return [
      {
        name: `${name} compress, 10 KB`,
        baseline,
        run: () => codecs.compress(plain, name),
        runBaseline: () => compress(plain),
      },
      {
        name: `${name} decompress, 10 KB`,
        baseline,
        run: () => codecs.decompress(compressed, name, unlimited),
        runBaseline: () => decompress(theirs),
      },
    ]
  })
}

function envelopeCases(): readonly Case[] {
  return bodies.flatMap(([size, value]) => {
    const text = JSON.stringify(value)
    const message = {
      exchange: '',
      routingKey: 'bench',
      contentType: 'application/json',
      contentEncoding: 'utf-8',
      headers: {},
      properties: { deliveryMode: 2, priority: 0 },
      body: text,
      mandatory: true,
    }
    const writer = new EnvelopeWriter('base64')
    const envelope = writer.write(message, 'tag')
    const parsed: unknown = JSON.parse(envelope)
    return [
      {
        name: `envelope write, ${size}`,
        baseline: 'JSON.stringify of the same envelope',
        run: () => writer.write(message, 'tag'),
        runBaseline: () => JSON.stringify(parsed),
        atMost: 2,
      },
      {
        name: `envelope read with its body, ${size}`,
        baseline: 'JSON.parse of envelope and body',
        run: () => bodyOf(envelope),
        runBaseline: () => plainBodyOf(envelope),
        atMost: 2,
      },
    ]
  })
}

function bodyOf(envelope: string): unknown {
  const { body: encoded, contentType, contentEncoding } = readMessage(envelope, 'bench')
  const bytes = Buffer.from(String(encoded.data), 'base64')
  return defaultCodecs.loads(bytes, { contentType, contentEncoding })
}

function plainBodyOf(envelope: string): unknown {
  const { body: encoded } = JSON.parse(envelope) as { body: string }
  return JSON.parse(Buffer.from(encoded, 'base64').toString())
}
