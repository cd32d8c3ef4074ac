import type { StoreSession } from '@dashi/messaging/transport'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type RedisServer, startRedis } from '../../../../tools/brokers/redis.ts'
import { openClient, type RedisClient } from '../connection/client.ts'
import type { RedisOptions } from '../options.ts'
import { redisStore } from '../redis-store.ts'
import { serverSettings } from '../settings.ts'

let server: RedisServer
let redis: RedisClient
const opened: StoreSession[] = []

beforeAll(async () => {
  server = await startRedis()
  const settings = serverSettings({ host: '127.0.0.1', port: server.port }, 'test')
  redis = await openClient(
    { ...settings, tls: undefined, tracking: false },
    AbortSignal.timeout(5_000),
  )
})

afterEach(async () => {
  await Promise.all(opened.splice(0).map((session) => session.close()))
  await redis.send(['FLUSHALL'])
})

afterAll(async () => {
  redis.destroy()
  await server[Symbol.asyncDispose]()
})

async function open(options: RedisOptions = {}, report?: (message: string) => void) {
  const store = redisStore({ host: '127.0.0.1', port: server.port, ...options })
  const session = await store.open({
    publishTimeoutMs: 10_000,
    report: (notice) => report?.(notice.message),
  })
  opened.push(session)
  return session
}

const request = { queues: ['q'], limit: 100, noAck: false }

/** What a Kombu consumer leaves behind that took a message some time ago. */
async function heldByKombu(tag: string, ageSeconds: number, record: string): Promise<void> {
  await redis.send(['HSET', 'unacked', tag, record])
  await redis.send(['ZADD', 'unacked_index', String(Date.now() / 1000 - ageSeconds), tag])
}

const kombuRecord = (body: string, exchange: string, routingKey: string) =>
  `[{"body": "${body}", "headers": {"f": 1.0}, "properties": {"priority": 3, "delivery_info": {"exchange": "${exchange}", "routing_key": "${routingKey}"}}}, "${exchange}", "${routingKey}"]`

const bodies = async (list: string) => {
  const items = await redis.send<string[]>(['LRANGE', list, '0', '-1'])
  return items.map((item) => JSON.parse(item).body).toReversed()
}

test('what a dead Kombu consumer held goes back after the visibility timeout, oldest first', async () => {
  await heldByKombu('old', 4_000, kombuRecord('1', '', 'q'))
  await heldByKombu('newer', 3_900, kombuRecord('2', '', 'q'))
  await heldByKombu('alive', 3_000, kombuRecord('3', '', 'q'))
  const session = await open()
  const leases = await session.take(request)
  expect(leases.map(({ payload }) => payload.toString())).toEqual(
    ['1', '2'].map(
      (body) =>
        `{"body": "${body}", "headers": {"f": 1.0, "redelivered": true}, "properties": {"priority": 3, "delivery_info": {"exchange": "", "routing_key": "q", "redelivered": true}}}`,
    ),
  )
  expect(await redis.send(['HGET', 'unacked', 'alive'])).toContain('"3"')
  expect(await redis.send(['EXISTS', 'unacked_mutex'])).toBe(0)
})

test('it goes to the queues that its exchange and key lead to', async () => {
  const session = await open()
  for (const [routingKey, queue] of [
    ['a.*', 'q1'],
    ['#', 'q2'],
    ['b', 'q3'],
  ] as const) {
    const binding = { exchange: 'ex', exchangeType: 'topic', queue, routingKey, arguments: {} }
    await session.bindings?.bind(binding)
  }
  await heldByKombu('old', 4_000, kombuRecord('1', 'ex', 'a.b'))
  await session.take(request)
  expect(await bodies('q1\x06\x163')).toEqual(['1'])
  expect(await bodies('q2\x06\x163')).toEqual(['1'])
  expect(await redis.send(['EXISTS', 'q3\x06\x163', 'unacked'])).toBe(0)
})

test('without a queue it stays where it is, and somebody is told', async () => {
  const told: string[] = []
  await heldByKombu('old', 4_000, kombuRecord('1', 'ex', 'k'))
  await heldByKombu('broken', 4_000, '{"no": "record"}')
  const session = await open({}, (message) => told.push(message))
  await session.take(request)
  expect(await redis.send(['HLEN', 'unacked'])).toBe(2)
  expect(told.sort()).toEqual([
    expect.stringContaining('"broken" of a dead consumer: its record'),
    expect.stringContaining('"old" of a dead Kombu consumer: no queue is bound to exchange "ex"'),
  ])
})

test('a broadcast is not put into lists that nobody reads', async () => {
  const session = await open()
  const binding = {
    exchange: 'fx',
    exchangeType: 'fanout',
    queue: 'q',
    routingKey: '',
    arguments: {},
  }
  await session.bindings?.bind(binding)
  await heldByKombu('old', 4_000, kombuRecord('1', 'fx', ''))
  expect(await session.take(request)).toEqual([])
  expect(await redis.send(['EXISTS', 'unacked', 'unacked_index'])).toBe(0)
})

test('while a Kombu peer holds the lock, its messages are left to it', async () => {
  await redis.send(['SET', 'unacked_mutex', 'token of a peer', 'PX', '300000'])
  await heldByKombu('old', 4_000, kombuRecord('1', '', 'q'))
  const session = await open()
  expect(await session.take(request)).toEqual([])
  expect(await redis.send(['GET', 'unacked_mutex'])).toBe('token of a peer')
})

test('an index entry without a record is swept out', async () => {
  await redis.send(['ZADD', 'unacked_index', '1', 'dust'])
  await (await open()).take(request)
  expect(await redis.send(['EXISTS', 'unacked_index'])).toBe(0)
})

test('ours come back too when the list of holders was deleted', async () => {
  const options = { visibilityTimeoutMs: 1_500, leaseMs: 1_000 }
  const lost = await open(options)
  await lost.put([{ queue: 'q', payload: '{"body":"1"}', priority: 0 }])
  expect(await lost.take(request)).toHaveLength(1)
  lost.destroy()
  await redis.send(['DEL', '_dashi.holders'])
  const session = await open(options)
  const signal = AbortSignal.timeout(8_000)
  let leases = await session.take(request)
  while (leases.length === 0 && !signal.aborted) {
    await session.wait(['q'], signal)
    leases = await session.take(request)
  }
  expect(leases).toHaveLength(1)
})

test('what is held for long is kept out of reach of a Kombu peer', async () => {
  const session = await open({ visibilityTimeoutMs: 2_000, leaseMs: 10_000 })
  await session.put([{ queue: 'q', payload: '{"body":"1"}', priority: 0 }])
  const [lease] = await session.take(request)
  const score = async () =>
    Number(await redis.send(['ZSCORE', 'unacked_index', lease?.token ?? '']))
  const taken = await score()
  const signal = AbortSignal.timeout(8_000)
  while ((await score()) === taken && !signal.aborted)
    await session.wait(['q'], AbortSignal.timeout(50))
  expect((await score()) - taken).toBeGreaterThan(0.4)
  expect(await redis.send(['ZCARD', 'unacked_index'])).toBe(1)
})

test('a big holder is given back whole and in order', async () => {
  const session = await open()
  const messages = Array.from({ length: 2_500 }, (_, n) => {
    return { queue: 'q', payload: `{"body":"${n}"}`, priority: 0 }
  })
  await session.put(messages)
  let taken = 0
  while (taken < 2_500) taken += (await session.take({ ...request, limit: 1_000 })).length
  await session.close()
  expect(await bodies('q')).toEqual(messages.map((_, n) => String(n)))
  expect(await redis.send(['KEYS', '*'])).toEqual(['q'])
})

test('under a limit the oldest come first, and those that lead nowhere do not stand in their way', async () => {
  for (const [index, tag] of ['a', 'b', 'c'].entries()) {
    await heldByKombu(tag, 5_000 - index, kombuRecord(tag, 'nobody', 'k'))
  }
  for (const [index, tag] of ['1', '2', '3', '4'].entries()) {
    await heldByKombu(tag, 4_000 - index, kombuRecord(tag, '', 'q'))
  }
  const session = await open({ unackedRestoreLimit: 3, leaseMs: 1_000 })
  expect(await session.take(request)).toEqual([])
  const got: string[] = []
  const signal = AbortSignal.timeout(8_000)
  while (got.length < 4 && !signal.aborted) {
    await session.wait(['q'], signal)
    const leases = await session.take(request)
    got.push(...leases.map(({ payload }) => JSON.parse(payload.toString()).body))
  }
  expect(got).toEqual(['1', '2', '3', '4'])
  expect(await redis.send(['HKEYS', 'unacked'])).toHaveLength(4 + 3)
})

test('messages under other unacked names wait for somebody who looks there', async () => {
  const names = { unackedKey: 'out', unackedIndexKey: 'out-since', unackedMutexKey: 'out-lock' }
  const lost = await open({ ...names, leaseMs: 1_000 })
  await lost.put([{ queue: 'q', payload: '{"body":"1"}', priority: 0 }])
  expect(await lost.take(request)).toHaveLength(1)
  lost.destroy()
  // Its lease is over, and a session with the usual names has looked for the dead since then.
  await redis.send(['ZADD', '_dashi.holders.out.out-since', '1', (await holders())[0] ?? ''])
  const other = await open({ leaseMs: 1_000 })
  expect(await other.take(request)).toEqual([])
  expect(await holders()).toHaveLength(1)

  const alike = await open({ ...names, leaseMs: 1_000 })
  expect(await alike.take(request)).toHaveLength(1)
})

const holders = () => redis.send<string[]>(['ZRANGE', '_dashi.holders.out.out-since', '0', '-1'])
