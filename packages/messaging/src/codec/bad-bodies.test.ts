/** Bodies that want to do harm, each between two good ones: named, set aside as they came, and the others go on. */
import { brotliCompressSync, deflateSync, zstdCompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { Connection } from '../connection.ts'
import { Queue } from '../entity/queue.ts'
import { memory } from '../memory/memory.ts'
import type { PublishOptions } from '../producer.ts'
import { bzip2 } from './bzip2.ts'
import { defaultCodecs } from './codec-registry.ts'
import { msgpack } from './msgpack.ts'
import { pickle } from './pickle.ts'
import { xz } from './xz.ts'
import { yaml } from './yaml.ts'

const mebibyte = 1024 * 1024
const zeros = new Uint8Array(16 * mebibyte)
const json = { contentType: 'application/json', contentEncoding: 'utf-8' }
const compressed = (compression: string): PublishOptions => ({ ...json, headers: { compression } })
const binary = (kind: string): PublishOptions => ({
  contentType: `application/x-${kind}`,
  contentEncoding: 'binary',
})

/** Lists of references to lists of references: ten lines that come to 10 ** 9 values. */
const aliasBomb = Array.from({ length: 10 }, (_, at) =>
  at === 0 ? 'a0: &a0 [lol]' : `a${at}: &a${at} [${`*a${at - 1}, `.repeat(10)}]`,
).join('\n')

const codecs = defaultCodecs
  .withSerializer(pickle)
  .withSerializer(yaml)
  .withSerializer(msgpack)
  .withCompressor(bzip2)
  .withCompressor(xz)
  .withEnabled('pickle')

test.each<readonly [string, string | Uint8Array, PublishOptions, string, RegExp]>([
  [
    'a pickle that would run a command',
    Buffer.from('cos\nsystem\n(Vtouch harm\ntR.'),
    binary('python-serialize'),
    'NOT_DECODABLE',
    /os\.system/,
  ],
  [
    'a tag of YAML that would run a command',
    '!!python/object/apply:os.system [touch harm]',
    { contentType: 'application/x-yaml', contentEncoding: 'utf-8' },
    'NOT_DECODABLE',
    /python\/object\/apply:os\.system/,
  ],
  [
    'aliases of aliases in YAML',
    aliasBomb,
    { contentType: 'application/x-yaml', contentEncoding: 'utf-8' },
    'TOO_LARGE',
    /again/,
  ],
  [
    'an extension of MessagePack that nobody knows',
    Buffer.from('d40500', 'hex'),
    binary('msgpack'),
    'NOT_DECODABLE',
    /extension of type 5/,
  ],
  ['a bomb in zlib', deflateSync(zeros), compressed('application/x-gzip'), 'TOO_LARGE', /bytes/],
  ['a bomb in bzip2', bzip2.compress(zeros), compressed('application/x-bz2'), 'TOO_LARGE', /bytes/],
  ['a bomb in xz', xz.compress(zeros), compressed('application/x-lzma'), 'TOO_LARGE', /bytes/],
  [
    'a bomb in brotli',
    brotliCompressSync(zeros),
    compressed('application/x-brotli'),
    'TOO_LARGE',
    /bytes/,
  ],
  ['a bomb in zstd', zstdCompressSync(zeros), compressed('application/zstd'), 'TOO_LARGE', /bytes/],
])('%s', async (_, body, options, code, reason) => {
  await using connection = new Connection(memory(), {
    codecs,
    maxBodyBytes: mebibyte,
    quarantineQueue: 'aside',
  })
  const warned = new Promise<Error>((resolve) =>
    connection.on('warning', ({ error }) => resolve(error)),
  )
  const queue = new Queue('q')
  await queue.declare(connection.defaultChannel)
  const producer = connection.producer({ routingKey: queue.name })
  await producer.publish('before')
  await producer.publish(body, options)
  await producer.publish('after')
  const received: unknown[] = []
  for await (const message of connection.consume(queue)) {
    received.push(message.payload)
    message.ack()
    if (received.length === 2) break
  }
  expect(received).toEqual(['before', 'after'])
  const error = await warned
  expect(error).toMatchObject({ code })
  expect(error.message).toMatch(reason)
  const aside = await connection.defaultChannel.get('aside', { noAck: true })
  expect(Buffer.compare(Buffer.from(aside?.rawBody ?? ''), Buffer.from(body))).toBe(0)
  expect(aside?.headers['x-quarantine-code']).toBe(code)
})
