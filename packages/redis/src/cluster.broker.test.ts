import { Connection, Queue } from '@dashi/messaging'
import type { BroadcastMessage, Lease, QueueStore, StoreSession } from '@dashi/messaging/transport'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startRedisCluster } from '../../../tools/brokers/redis-cluster.ts'
import { askRedis } from '../../../tools/services/redis-request.ts'
import { waitUntil } from '../../../tools/services/wait.ts'
import { connectMaster } from './connection/connect-master.ts'
import type { RedisOptions } from './options.ts'
import { PubSub } from './pub-sub/pub-sub.ts'
import type { PubSubGap } from './pub-sub/pub-sub-events.ts'
import { redis } from './redis.ts'
import { redisStore } from './redis-store.ts'
import { serverSettings } from './settings.ts'

const cluster = await startRedisCluster()
const ports = cluster.nodes.map(({ port }) => port)
const opened: StoreSession[] = []
let count = 0
let prefix: string
let slot: number

beforeEach(async () => {
  // A slot of its own for each test.
  count += 1
  prefix = `{dashi-${count}}:`
  slot = await cluster.slotOf(prefix)
})

afterEach(async () => {
  await Promise.all(opened.splice(0).map((session) => session.close()))
})

afterAll(async () => {
  await cluster.stop()
})

const optionsOf = (options: RedisOptions = {}): RedisOptions => {
  return { host: '127.0.0.1', port: ports[0], globalKeyprefix: prefix, ...options }
}

async function open(store: QueueStore = redisStore(optionsOf())): Promise<StoreSession> {
  const session = await store.open({ publishTimeoutMs: 30_000 })
  opened.push(session)
  return session
}

/** As a consumer does it: take, wait, take. */
async function takeSoon(session: StoreSession): Promise<readonly Lease[]> {
  const signal = AbortSignal.timeout(20_000)
  for (;;) {
    signal.throwIfAborted()
    const leases = await session.take({ queues: ['q'], limit: 10, noAck: true })
    if (leases.length > 0) return leases
    await session.wait(['q'], signal)
  }
}

/** Whether a session ended, without waiting for it. */
async function hasEnded(session: StoreSession): Promise<boolean> {
  const pending = Symbol()
  return (await Promise.race([session.closed, Promise.resolve(pending)])) !== pending
}

async function others(): Promise<readonly number[]> {
  const owner = await cluster.ownerOf(slot)
  return ports.filter((port) => port !== owner)
}

const numbered = (number: number) => ({ queue: 'q', payload: `{"n":${number}}`, priority: 0 })

describe('a slot that moves', () => {
  test('loses nothing and doubles nothing, with messages in flight', async () => {
    await using publisher = new Connection(redis(optionsOf()))
    await using consumer = new Connection(redis(optionsOf({ port: ports[1] })))
    const received: number[] = []
    let sent = 0
    let isOver = false
    let ended = 0
    for (const connection of [publisher, consumer]) {
      connection.on('disconnected', () => {
        ended += 1
      })
    }

    const consuming = (async () => {
      for await (const message of consumer.consume(new Queue('q'), { prefetchCount: 10 })) {
        received.push(message.payload as number) // we publish nothing but numbers
        message.ack()
        if (isOver && received.length >= sent) return
      }
    })()
    const publishing = (async () => {
      const producer = publisher.producer()
      const inFlight = new Set<Promise<unknown>>()
      while (!isOver) {
        const priority = sent % 10
        const published = producer.publish(sent, { routingKey: 'q', priority })
        sent += 1
        inFlight.add(published)
        void published.then(() => inFlight.delete(published))
        if (inFlight.size >= 20) await Promise.race(inFlight)
      }
      await Promise.all(inFlight)
    })()

    expect(await waitUntil(() => received.length > 100)).toBe(true)
    for (const port of [...(await others()), await cluster.ownerOf(slot)]) {
      const before = received.length
      await cluster.move(slot, port)
      expect(await waitUntil(() => received.length > before + 200)).toBe(true)
    }
    isOver = true
    await publishing
    await publisher.producer().publish(sent++, { routingKey: 'q' })
    await consuming
    expect(received.toSorted((a, b) => a - b)).toEqual(Array.from({ length: sent }, (_, n) => n))
    expect(ended).toBe(0)
    console.log(`${sent} messages over ${ports.length} moves`)
  }, 60_000)

  test('takes what is held with it: settling works, and the lease goes on', async () => {
    const session = await open(redisStore(optionsOf({ leaseMs: 1_000 })))
    await session.put([numbered(1), numbered(2)])
    const leases = await session.take({ queues: ['q'], limit: 2, noAck: false })
    const [target = 0] = await others()
    await cluster.move(slot, target)
    const twoTerms = AbortSignal.timeout(2_500)
    while (!twoTerms.aborted) await session.wait(['other'], twoTerms)
    const done = leases.map((lease) => ({ ...lease, outcome: 'done' as const }))
    expect(await session.settle(done)).toEqual([true, true])
    expect(await hasEnded(session)).toBe(false)
  })

  test('is published to while it moves, and consumed from afterwards', async () => {
    const session = await open()
    await session.put([numbered(0)])
    const [target = 0] = await others()
    const woken = Promise.withResolvers<void>()
    let step = 0
    await cluster.move(slot, target, async () => {
      step += 1
      // "new" is nowhere yet, so that the old node sends us to the new one; "q" is where it is.
      await session.put([{ ...numbered(step), queue: 'new' }])
      await session.put([numbered(step)])
      if (step === 1) void session.wait(['later'], AbortSignal.timeout(20_000)).then(woken.resolve)
    })
    const taken = await session.take({ queues: ['q', 'new'], limit: 100, noAck: true })
    expect(taken).toHaveLength(1 + 2 * step)
    await session.put([{ ...numbered(0), queue: 'later' }])
    await woken.promise
    expect(await session.purgeQueue('later')).toBe(1)
  })

  test('wakes who waits, to look at the new place', async () => {
    const session = await open(redisStore(optionsOf({ pollingIntervalMs: 60_000 })))
    const signal = AbortSignal.timeout(20_000)
    const waiting = session.wait(['q'], signal)
    const [target = 0] = await others()
    await cluster.move(slot, target)
    await session.declareQueue('another', {})
    await waiting
    const taken = takeSoon(session)
    const peer = await open()
    await peer.put([numbered(1)])
    expect(await taken).toHaveLength(1)
    expect(signal.aborted).toBe(false)
  })
})

describe('sharded pub/sub', () => {
  test('carries broadcasts, also after the slot has moved', async () => {
    const store = redisStore(optionsOf({ fanoutSharded: true }))
    const [publisher, subscriber] = [await open(store), await open(store)]
    const got: string[] = []
    const add = (name: string) => (message: BroadcastMessage) =>
      got.push(`${name}: ${String(message.payload)}`)
    await subscriber.broadcaster?.subscribe('fx', '', add('all'))
    await subscriber.broadcaster?.subscribe('fx', 'a.*', add('some'))
    const publish = (key: string, text: string) => publisher.broadcaster?.publish('fx', key, text)
    expect(await publish('a.ü', '{"n":1}')).toBe(1)
    expect(await publish('b', '{"n":2}')).toBe(1)
    expect(await waitUntil(() => got.length === 3)).toBe(true)
    expect(got.sort()).toEqual(['all: {"n":1}', 'all: {"n":2}', 'some: {"n":1}'])

    for (const target of await others()) {
      got.length = 0
      await cluster.move(slot, target)
      expect(await waitUntil(async () => (await publish('', '{"n":3}')) === 1)).toBe(true)
      expect(await waitUntil(() => got.includes('all: {"n":3}'))).toBe(true)
    }
    expect(await hasEnded(subscriber)).toBe(false)
    expect(await hasEnded(publisher)).toBe(false)
  })

  test('of PubSub finds each channel on its node, and says what it missed when one moved', async () => {
    await using pubSub = new PubSub({ host: '127.0.0.1', port: ports[0] })
    const got: string[] = []
    const channels = ['one', 'two', 'three', 'four', 'five', prefix]
    await pubSub.ssubscribe(channels, (message) => {
      got.push(`${message.type} ${message.channel}: ${message.text()}`)
    })
    expect(pubSub.shardedChannels).toEqual(channels)
    for (const channel of channels) expect(await pubSub.spublish(channel, 'x')).toBe(1)
    expect(await waitUntil(() => got.length === channels.length)).toBe(true)
    expect(got.sort()).toEqual(channels.map((channel) => `smessage ${channel}: x`).sort())

    const gap = Promise.withResolvers<PubSubGap>()
    pubSub.on('gap', gap.resolve)
    const [target = 0] = await others()
    await cluster.move(slot, target)
    expect((await gap.promise).shardedChannels).toContain(prefix)
    expect(await waitUntil(async () => (await pubSub.spublish(prefix, 'y')) === 1)).toBe(true)
    expect(await waitUntil(() => got.includes(`smessage ${prefix}: y`))).toBe(true)
    await pubSub.sunsubscribe(channels)
    expect(await pubSub.spublish('one', 'z')).toBe(0)
  })

  // The client library overhears the server's goodbye while an answer is outstanding.
  test('notices a subscription that the server dropped unheard', async () => {
    const server = serverSettings({ host: '127.0.0.1', port: ports[0] }, 'test')
    const signal = AbortSignal.timeout(20_000)
    const request = { signal, tracking: false, prefix, report: () => undefined }
    const { client } = await connectMaster(server, request)
    await client.ssubscribe(prefix, () => undefined)
    const owner = await cluster.ownerOf(slot)
    const blocked = client.send(['BLPOP', await keyAt(owner), '2']).catch(() => undefined)
    const [target = 0] = await others()
    await cluster.move(slot, target)
    expect(String(await client.closed)).toMatch(/no longer knows of our subscription/)
    await blocked
  })
})

/** A key on that node that is not in the slot under test. */
async function keyAt(port: number): Promise<string> {
  for (let n = 0; ; n += 1) {
    const key = `{elsewhere-${n}}`
    if ((await cluster.ownerOf(await cluster.slotOf(key))) === port) return key
  }
}

describe('a cluster', () => {
  test('has all keys of a prefix on one node, whichever is asked', async () => {
    for (const port of ports) {
      const session = await open(redisStore(optionsOf({ port })))
      await session.put([numbered(port)])
      expect(await session.take({ queues: ['q'], limit: 9, noAck: true })).toHaveLength(1)
      const { bindings, broadcaster } = session
      const binding = { exchange: 'ex', exchangeType: 'direct', queue: 'q', arguments: {} }
      await bindings?.bind({ ...binding, routingKey: 'k' })
      const message = { exchange: 'ex', exchangeType: 'direct', routingKey: 'k' } as const
      expect(await session.route?.([{ ...message, payload: '{}', priority: 9 }])).toEqual([1])
      expect(await session.purgeQueue('q')).toBe(1)
      const got = Promise.withResolvers<string>()
      await broadcaster?.subscribe('fx', '', ({ payload }) => got.resolve(payload.toString()))
      await broadcaster?.publish('fx', '', 'hello')
      expect(await got.promise).toBe('hello')
    }
  })

  test('is no harder to a user with the least rights', async () => {
    const commands =
      'ping hello auth select info client|setname client|tracking client|caching evalsha eval time lpush rpush ' +
      'lpop rpop llen exists del hset hget hdel hmget zadd zrem zscore zmscore zscan zcount zrangebyscore zrevrangebyscore ' +
      'sadd srem smembers set get publish psubscribe punsubscribe ' +
      'cluster|slots cluster|keyslot cluster|myid asking command|info spublish ssubscribe sunsubscribe pubsub|shardnumsub'
    const allowed = commands.split(' ').map((command) => `+${command}`)
    const rules = ['reset', 'on', '>pw', `~${prefix}*`, `&${prefix}*`, ...allowed]
    for (const port of ports) await askRedis(port, ['ACL SETUSER app', ...rules].join(' '))
    const login = { username: 'app', password: 'pw', leaseMs: 1_000, fanoutSharded: true }
    const notices: string[] = []
    const session = await redisStore(optionsOf(login)).open({
      publishTimeoutMs: 30_000,
      report: (notice) => notices.push(notice.message),
    })
    opened.push(session)
    await session.broadcaster?.subscribe('fx', '', () => undefined)
    const [target = 0] = await others()
    await session.put([numbered(0)])
    await cluster.move(slot, target, () => session.put([{ ...numbered(1), queue: 'new' }]))
    const taken = await session.take({ queues: ['q', 'new'], limit: 100, noAck: false })
    const twoTerms = AbortSignal.timeout(2_500)
    while (!twoTerms.aborted) await session.wait(['other'], twoTerms)
    const done = taken.map((lease) => ({ ...lease, outcome: 'done' as const }))
    expect(await session.settle(done)).toEqual(taken.map(() => true))
    expect(await session.broadcaster?.publish('fx', '', '{}')).toBe(1)
    expect(await hasEnded(session)).toBe(false)
    expect(notices).toEqual([])
  })

  test('needs a hash tag', async () => {
    await expect(open(redisStore(optionsOf({ globalKeyprefix: 'x:' })))).rejects.toMatchObject({
      code: 'BAD_OPTION',
      message: expect.stringContaining('"globalKeyprefix" needs a hash tag'),
    })
  })

  test('goes on with the replica when the node is killed that was named and has the keys', async () => {
    await using own = await startRedisCluster({ replicas: 1 })
    const owner = await own.ownerOf(slot)
    const disconnects: string[] = []
    await using connection = new Connection(redis(optionsOf({ port: owner, leaseMs: 1_000 })))
    connection.on('disconnected', ({ error }) => disconnects.push(error.message))
    const producer = connection.producer()
    const publish = (n: number) => producer.publish(n, { routingKey: 'q' })
    await Promise.all(Array.from({ length: 100 }, (_, n) => publish(n)))
    const received = new Set<unknown>()
    let isKilled = false
    const stream = connection.consume(new Queue('q'), { prefetchCount: 10 })
    const consuming = (async () => {
      for await (const message of stream) {
        received.add(message.payload)
        if (isKilled) message.ack()
        if (received.size === 200) return
      }
    })()
    // Ten are held, and none of the rest is on the master alone.
    expect(await waitUntil(() => received.size === 10)).toBe(true)
    const isCopied = async () => {
      const info = await askRedis(owner, 'INFO replication')
      const [, written] = /master_repl_offset:(\d+)/.exec(info) ?? []
      return info.includes(`,offset=${written},`)
    }
    expect(await waitUntil(isCopied)).toBe(true)

    const node = own.nodes.find(({ port }) => port === owner)
    await node?.process.kill()
    isKilled = true
    for (let n = 100; n < 200; n += 1) {
      await publish(n).catch(() => publish(n))
    }
    await consuming
    expect(received.size).toBe(200)
    expect(await own.ownerOf(slot)).not.toBe(owner)
    expect(disconnects.length).toBeGreaterThan(0)
  }, 60_000)
})
