/** What nobody can read: named, set aside with its bytes, and harmless to its neighbours. */
import { deflateSync } from 'node:zlib'
import { ConfigurationError, type Message, type PublishOptions } from '@dashi/messaging'
import type { MessagingErrorCode } from '@dashi/messaging/transport'
import { type Case, type CaseGroup, full, type Subject } from '../case.ts'
import { eventually, within } from '../stage/eventually.ts'
import { Inbox } from '../stage/inbox.ts'
import type { Stage } from '../stage/stage.ts'

interface BadMessage {
  readonly name: string
  readonly body: Uint8Array | string
  readonly options: PublishOptions
  readonly code: MessagingErrorCode
}

const json = { contentType: 'application/json', contentEncoding: 'utf-8' }
const depth = 100_000

const badMessages: readonly BadMessage[] = [
  { name: 'JSON that is none', body: '{"a":', options: json, code: 'NOT_DECODABLE' },
  {
    name: 'text that is not in its encoding',
    body: Uint8Array.of(0xff, 0xfe, 0xff),
    options: { contentType: 'text/plain', contentEncoding: 'utf-8' },
    code: 'NOT_DECODABLE',
  },
  {
    name: 'JSON nested too deeply',
    body: '['.repeat(depth) + ']'.repeat(depth),
    options: json,
    code: 'TOO_LARGE',
  },
  {
    name: 'content that is never read',
    body: Uint8Array.of(0x80, 0x04, 0x4e, 0x2e),
    options: { contentType: 'application/x-python-serialize', contentEncoding: 'binary' },
    code: 'CONTENT_DISALLOWED',
  },
  {
    name: 'a decompression bomb',
    body: deflateSync(new Uint8Array(16 * 1024 * 1024)),
    options: { ...json, headers: { compression: 'application/x-gzip' } },
    code: 'TOO_LARGE',
  },
  {
    name: 'a compressed body that is broken',
    body: Uint8Array.of(1, 2, 3),
    options: { ...json, headers: { compression: 'application/x-gzip' } },
    code: 'NOT_DECODABLE',
  },
  {
    name: 'a compression that nobody has',
    body: 'x',
    options: { ...json, headers: { compression: 'application/x-none' } },
    code: 'CODEC_NOT_INSTALLED',
  },
]

const foreign: readonly { readonly name: string; readonly bytes: Uint8Array }[] = [
  { name: 'plain text', bytes: Buffer.from('not an envelope') },
  { name: 'bytes that are no UTF-8', bytes: Uint8Array.of(0, 0xff, 0xfe, 0x80, 10) },
  { name: 'JSON that is no envelope', bytes: Buffer.from('[1,2,3]') },
  {
    name: 'an envelope without delivery_info',
    bytes: Buffer.from('{"body":"eA==","properties":{}}'),
  },
  { name: 'nothing', bytes: Buffer.from('""') },
  { name: 'JSON of great depth', bytes: Buffer.from('['.repeat(depth)) },
]

export const badInputCases: CaseGroup = {
  name: 'bad input',
  cases: (subject) => [
    ...badMessages.map(setAside),
    full('a body with __proto__ in it changes no prototype', async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect()
      await stage.sendWith(connection, queue, {
        bodies: ['{"__proto__":{"polluted":true},"a":1}'],
        ...json,
      })
      const message = await stage.get(connection, queue)
      const value = valueOrError(message)
      stage.expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
      const isSafe = value instanceof Error || Object.getPrototypeOf(value) === Object.prototype
      stage.expect(isSafe).toBe(true)
    }),
    ...foreignCases(subject),
    full('wrong options of a connection are refused at once, by name', async (stage) => {
      const wrong = { connectTimeoutMs: 'soon' } as unknown as { connectTimeoutMs: number }
      stage.expect(thrownBy(() => stage.connect(wrong))).toMatchObject({
        code: 'BAD_OPTION',
        name: ConfigurationError.name,
      })
    }),
    full('a serializer or compressor that is not there is refused, by name', async (stage) => {
      const producer = stage.connect().producer()
      const missing = { code: 'CODEC_NOT_INSTALLED', name: ConfigurationError.name }
      const to = { routingKey: stage.queue().name }
      await stage.refused(producer.publish(1, { ...to, serializer: 'none' }), missing)
      await stage.refused(producer.publish(1, { ...to, compression: 'none' }), missing)
    }),
  ],
}

/** The bad message between two good ones. */
function setAside(bad: BadMessage): Case {
  return full(
    `${bad.name} is set aside as ${bad.code}; its neighbours are delivered`,
    async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect({ maxBodyBytes: 1024 * 1024 })
      const warned = warning(stage, connection)
      await stage.send(connection, queue, ['before'])
      await stage.sendWith(connection, queue, { bodies: [bad.body], ...bad.options })
      await stage.send(connection, queue, ['after'])
      const seen: unknown[] = []
      const consumer = connection.consumer({
        queues: queue,
        callbacks: [
          (body, message) => {
            seen.push(body)
            message.ack()
          },
        ],
      })
      await consumer.consume()
      const error = await within(warned, { what: 'A warning about the bad message' })
      stage.expect(error).toMatchObject({ code: bad.code })
      await eventually(async () => seen.length === 2, { what: 'The delivery of both neighbours' })
      stage.expect(seen).toEqual(['before', 'after'])
      await expectQuarantined(stage, {
        queue: queue.name,
        bytes: Buffer.from(bad.body),
        code: bad.code,
      })
      stage.expect(connection.counters.quarantined).toBe(1)
    },
  )
}

const notBase64 = {
  body: '!!!! not base64 !!!!',
  'content-type': 'application/json',
  'content-encoding': 'utf-8',
  headers: {},
  properties: {
    delivery_tag: 'tag',
    body_encoding: 'base64',
    delivery_info: { exchange: '', routing_key: 'k' },
  },
}

function foreignCases({ setup }: Subject): readonly Case[] {
  if (setup.putForeign === undefined) return []
  const bytes = Buffer.from(JSON.stringify(notBase64))
  return [
    ...foreign.map((item) => foreignCase(item, item.bytes)),
    foreignCase(
      { name: 'an envelope with a body that is not its base64', bytes },
      Buffer.from(notBase64.body),
    ),
  ]
}

/** Something that is no message between two that are, for a consumer with little credit. */
function foreignCase(
  item: { readonly name: string; readonly bytes: Uint8Array },
  kept: Uint8Array,
): Case {
  return full(
    `foreign: ${item.name} is set aside with its bytes; its neighbours are delivered`,
    async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect()
      const warned = warning(stage, connection)
      await stage.send(connection, queue, ['before'])
      await stage.setup.putForeign?.(queue.name, item.bytes)
      await stage.send(connection, queue, ['after'])
      const inbox = new Inbox((message) => message.ack())
      await stage.consume(connection, queue, { prefetchCount: 1, onMessage: decoding(inbox) })
      await inbox.arrived(2)
      stage.expect(inbox.bodies).toEqual(['before', 'after'])
      await within(warned, { what: 'A warning about the foreign item' })
      await expectQuarantined(stage, { queue: queue.name, bytes: kept, code: undefined })
    },
  )
}

function decoding(inbox: Inbox): (message: Message) => void {
  return (message) => {
    message.decode()
    inbox.receive(message)
  }
}

interface Quarantined {
  readonly queue: string
  readonly bytes: Uint8Array
  readonly code: MessagingErrorCode | undefined
}

async function expectQuarantined(stage: Stage, expected: Quarantined): Promise<void> {
  const message = await stage.get(stage.connect(), stage.quarantine)
  stage.expect(Buffer.compare(message.rawBody, expected.bytes)).toBe(0)
  stage.expect(message.headers['x-quarantine-queue']).toBe(expected.queue)
  stage.expect(String(message.headers['x-quarantine-reason']).length).toBeGreaterThan(10)
  stage.expect(Number.isFinite(Date.parse(String(message.headers['x-quarantine-at'])))).toBe(true)
  if (expected.code) stage.expect(message.headers['x-quarantine-code']).toBe(expected.code)
}

function warning(stage: Stage, connection: ReturnType<Stage['connect']>): Promise<Error> {
  const { promise, resolve } = Promise.withResolvers<Error>()
  connection.on('warning', ({ error }) => resolve(error))
  stage.expect(connection.isClosed).toBe(false)
  return promise
}

function valueOrError(message: Message): unknown {
  try {
    return message.payload
  } catch (error) {
    return error
  }
}

function thrownBy(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  return undefined
}
