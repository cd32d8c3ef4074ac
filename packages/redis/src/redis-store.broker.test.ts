import { randomUUID } from 'node:crypto'
import {
  ConnectionError,
  type Lease,
  LeaseLostError,
  OutcomeUnknownError,
  PublishError,
  type StoreSession,
} from '@dashi/messaging/transport'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type RedisServer, startRedis } from '../../../tools/brokers/redis.ts'
import { openClient, type RedisClient } from './connection/client.ts'
import type { RedisOptions } from './options.ts'
import { redisStore } from './redis-store.ts'
import { serverSettings } from './settings.ts'
import { renewHoldersScript } from './store/scripts/hold.ts'

const connectOptions = { publishTimeoutMs: 10_000 }
let server: RedisServer
const opened: StoreSession[] = []
const clients: RedisClient[] = []

beforeAll(async () => {
  server = await startRedis()
})

afterEach(async () => {
  await Promise.all(opened.splice(0).map((session) => session.close()))
  for (const client of clients.splice(0)) client.destroy()
})

afterAll(async () => {
  await server[Symbol.asyncDispose]()
})

async function open(options: RedisOptions = {}): Promise<StoreSession> {
  const session = await redisStore({ port: server.port, host: '127.0.0.1', ...options }).open(
    connectOptions,
  )
  opened.push(session)
  return session
}

/** A bare connection, to look behind the curtain and to play the Kombu peer. */
async function bare(): Promise<RedisClient> {
  const settings = serverSettings({ port: server.port, host: '127.0.0.1' }, 'test')
  const target = { ...settings, tls: undefined, tracking: false }
  const client = await openClient(target, AbortSignal.timeout(5_000))
  clients.push(client)
  return client
}

/** Fresh names, so that tests share a server without meeting. */
function names() {
  const prefix = `t-${randomUUID().slice(0, 8)}:`
  return { prefix, options: { globalKeyprefix: prefix } }
}

function envelope(number: number, priority = 0): string {
  return JSON.stringify({
    body: Buffer.from(String(number)).toString('base64'),
    'content-encoding': 'utf-8',
    'content-type': 'application/json',
    headers: {},
    properties: {
      delivery_info: { exchange: '', routing_key: 'q' },
      priority,
      body_encoding: 'base64',
      delivery_tag: randomUUID(),
    },
  })
}

const putAll = (session: StoreSession, payloads: readonly string[], queue = 'q', priority = 0) =>
  session.put(payloads.map((payload) => ({ queue, payload, priority })))

const textsOf = (leases: readonly Lease[]) => leases.map(({ payload }) => payload.toString())

const request = { queues: ['q'], limit: 100, noAck: false }

describe('put, take, settle', () => {
  test('messages come out in the order of their put, and are gone once done', async () => {
    const { options, prefix } = names()
    const session = await open(options)
    const payloads = [1, 2, 3].map((number) => envelope(number))
    await putAll(session, payloads)
    const leases = await session.take(request)
    expect(textsOf(leases)).toEqual(payloads)

    const done = leases.map(({ token, queue }) => ({ outcome: 'done' as const, token, queue }))
    expect(await session.settle(done)).toEqual([true, true, true])
    expect(await session.settle(done)).toEqual([false, false, false])
    const redis = await bare()
    expect(await redis.send(['KEYS', `${prefix}*`])).toEqual([`${prefix}_dashi.holders`])
  })

  test('what is out is recorded as Kombu records it', async () => {
    const { options, prefix } = names()
    const session = await open(options)
    const payload = envelope(1)
    await putAll(session, [payload], 'q"ü')
    const [lease] = await session.take({ ...request, queues: ['q"ü'] })
    const redis = await bare()
    const record = await redis.send<string>(['HGET', `${prefix}unacked`, lease?.token ?? ''])
    expect(JSON.parse(record)).toEqual([JSON.parse(payload), '', 'q"ü'])
    const score = await redis.send<number>(['ZSCORE', `${prefix}unacked_index`, lease?.token ?? ''])
    expect(Math.abs(Number(score) - Date.now() / 1000)).toBeLessThan(5)
  })

  test('lower numbers are served first, over all queues, and land in the steps of Kombu', async () => {
    const { options, prefix } = names()
    const session = await open(options)
    for (const [queue, priority] of [
      ['a', 9],
      ['b', 4],
      ['a', 0],
      ['b', 3],
      ['a', 5],
    ] as const) {
      await session.put([{ queue, priority, payload: envelope(priority, priority) }])
    }
    const redis = await bare()
    const keys = await redis.send<string[]>(['KEYS', `${prefix}*`])
    const steps = ['a', 'a\x06\x163', 'a\x06\x169', 'b\x06\x163']
    expect(keys.sort()).toEqual(steps.map((step) => prefix + step).sort())
    const leases = await session.take({ ...request, queues: ['b', 'a'] })
    const order = textsOf(leases).map((text) => JSON.parse(text).properties.priority)
    expect(order).toEqual([0, 4, 3, 5, 9])
  })

  test('one batch over several queues is appended whole or not at all', async () => {
    const { options, prefix } = names()
    const session = await open(options)
    const redis = await bare()
    await redis.send(['SET', `${prefix}foreign`, 'x'])
    const messages = ['a', 'b', 'foreign'].map((queue) => {
      return { queue, payload: envelope(1), priority: 0 }
    })
    await expect(session.put(messages)).rejects.toMatchObject({ code: 'PRECONDITION_FAILED' })
    expect(await session.inspectQueue('a')).toBeUndefined()
    await session.put(messages.slice(0, 2))
    expect(await session.inspectQueue('a')).toBe(1)
    expect(await session.inspectQueue('b')).toBe(1)
  })

  test('requeue puts last, release puts next; each only if still held', async () => {
    const { options } = names()
    const session = await open(options)
    const payloads = [1, 2, 3, 4].map((number) => envelope(number))
    await putAll(session, payloads)
    const leases = await session.take({ ...request, limit: 3 })
    const [first, second, third] = leases.map((lease, index) => {
      return { ...lease, payload: payloads[index] ?? '', priority: 0 }
    })
    if (!first || !second || !third) throw new Error('three messages were expected')
    const settlements = [
      { ...third, outcome: 'release' as const },
      { ...second, outcome: 'release' as const },
      { ...first, outcome: 'requeue' as const },
    ]
    expect(await session.settle(settlements)).toEqual([true, true, true])
    const doneAndStale = [
      { ...first, outcome: 'requeue' as const },
      { ...second, outcome: 'done' as const },
    ]
    expect(await session.settle(doneAndStale)).toEqual([false, false])
    const again = await session.take(request)
    expect(textsOf(again)).toEqual([payloads[1], payloads[2], payloads[3], payloads[0]])
  })

  test('a take without acknowledgement leaves no record', async () => {
    const { options, prefix } = names()
    const session = await open(options)
    await putAll(session, [envelope(1)])
    const [lease] = await session.take({ ...request, noAck: true })
    expect(lease?.token).toBe('')
    const redis = await bare()
    expect(await redis.send(['KEYS', `${prefix}*`])).toEqual([])
  })

  test('what is no envelope is held out of reach of Kombu, byte for byte', async () => {
    const { options, prefix } = names()
    const session = await open(options)
    const redis = await bare()
    const garbage = [Buffer.from('garbage'), Buffer.from([0x7b, 0xff, 0xfe, 0x7d])]
    await redis.send(['RPUSH', `${prefix}q`, ...garbage.toReversed()])
    const leases = await session.take(request)
    expect(leases.map(({ payload }) => payload)).toEqual(garbage)
    const scores = ['ZRANGEBYSCORE', `${prefix}unacked_index`, '0', '99999999999']
    expect(await redis.send(scores)).toEqual([])
    const [one, two] = leases.map((lease) => ({
      ...lease,
      outcome: 'release' as const,
      priority: 0,
    }))
    if (!one || !two) throw new Error('two messages were expected')
    expect(await session.settle([two, one])).toEqual([true, true])
    const list = await redis.sendForBytes(['LRANGE', `${prefix}q`, '0', '-1'])
    expect(list).toEqual(garbage.toReversed())
  })

  test('purge, delete and inspect count all priorities', async () => {
    const session = await open(names().options)
    expect(await session.inspectQueue('q')).toBeUndefined()
    expect(await session.declareQueue('q', {})).toBe(0)
    expect(await session.inspectQueue('q')).toBe(0)
    await putAll(session, [envelope(1), envelope(2)])
    await putAll(session, [envelope(3)], 'q', 9)
    expect(await session.inspectQueue('q')).toBe(3)
    expect(await session.purgeQueue('q')).toBe(3)
    await putAll(session, [envelope(1)], 'q', 6)
    expect(await session.deleteQueue('q')).toBe(1)
    expect(await session.inspectQueue('q')).toBeUndefined()
  })
})

describe('wait', () => {
  const idle = { pollingIntervalMs: 60_000 }

  test.each([0, 9])(
    'a message of priority %i wakes a waiting consumer at once',
    async (priority) => {
      const { options } = names()
      const [consumer, producer] = await Promise.all([open({ ...options, ...idle }), open(options)])
      expect(await consumer.take(request)).toEqual([])
      const startedAt = performance.now()
      const woken = consumer.wait(['other', 'q'], new AbortController().signal)
      await consumer.take(request)
      await putAll(producer, [envelope(1)], 'q', priority)
      await woken
      expect(performance.now() - startedAt).toBeLessThan(2_000)
      expect(await consumer.take(request)).toHaveLength(1)
    },
  )

  test('a message that came before the wait is found', async () => {
    const session = await open({ ...names().options, ...idle })
    await putAll(session, [envelope(1)])
    await session.wait(['q'], new AbortController().signal)
  })

  test('a message from the same session wakes too', async () => {
    const session = await open({ ...names().options, ...idle })
    const woken = session.wait(['q'], new AbortController().signal)
    await session.declareQueue('q', {})
    await putAll(session, [envelope(1)])
    await woken
  })

  test('ends when its signal aborts, and when the session ends', async () => {
    const session = await open({ ...names().options, ...idle })
    const aborting = new AbortController()
    const woken = session.wait(['q'], aborting.signal)
    aborting.abort()
    await woken
    const other = session.wait(['q'], new AbortController().signal)
    await session.declareQueue('q', {})
    session.destroy()
    await other.catch((error: unknown) => expect(error).toBeInstanceOf(ConnectionError))
  })

  test('without permission for tracking it looks again and again', async () => {
    const { options } = names()
    const redis = await bare()
    const acl = ['on', '>pw', '~*', '&*', '+@all', '-client|tracking', '-info']
    await redis.send(['ACL', 'SETUSER', 'untracked', ...acl])
    const login = { username: 'untracked', password: 'pw' }
    const reported: string[] = []
    const store = redisStore({ port: server.port, host: '127.0.0.1', ...options, ...login })
    const session = await store.open({
      ...connectOptions,
      report: ({ code }) => reported.push(code),
    })
    opened.push(session)
    const woken = session.wait(['q'], new AbortController().signal)
    await session.declareQueue('q', {})
    await putAll(session, [envelope(1)])
    await woken
    expect(reported).toContain('ACCESS_REFUSED')
  })
})

describe('leases', () => {
  test('a session that breaks gives back what it held to its successor, marked and in order', async () => {
    const { options } = names()
    const store = redisStore({ port: server.port, host: '127.0.0.1', ...options })
    const first = await store.open(connectOptions)
    const payloads = [1, 2, 3].map((number) => envelope(number))
    await putAll(first, payloads)
    await first.take({ ...request, limit: 2 })
    first.destroy(new ConnectionError('CONNECTION_LOST', 'by the test'))
    expect(await first.closed).toMatchObject({ code: 'CONNECTION_LOST' })

    const second = await store.open(connectOptions)
    opened.push(second)
    const again = await takeUntil(second, 3)
    expect(again.map(bodyOf)).toEqual([1, 2, 3])
    const marks = again.map(({ payload }) => JSON.parse(payload.toString()).headers.redelivered)
    expect(marks).toEqual([true, true, undefined])
  })

  test('a graceful close gives back at once', async () => {
    const { options, prefix } = names()
    const [first, second] = await Promise.all([open(options), open(options)])
    await putAll(first, [envelope(1)])
    expect(await first.take(request)).toHaveLength(1)
    await first.close()
    expect(await first.closed).toBeUndefined()
    expect(await second.take(request)).toHaveLength(1)
    const redis = await bare()
    expect(await redis.send(['HLEN', `${prefix}unacked`])).toBe(1)
  })

  test('a lease that runs out ends the session, and nothing is taken under it', async () => {
    const { options, prefix } = names()
    const session = await open({ ...options, leaseMs: 3_000 })
    await putAll(session, [envelope(1), envelope(2)])
    await session.take({ ...request, limit: 1 })
    const redis = await bare()
    const [holder = ''] = await redis.send<string[]>([
      'ZRANGE',
      `${prefix}_dashi.holders`,
      '0',
      '-1',
    ])
    await redis.send(['ZADD', `${prefix}_dashi.holders`, '1', holder])
    await expect(session.take(request)).rejects.toBeInstanceOf(LeaseLostError)
    expect(await session.closed).toBeInstanceOf(LeaseLostError)
    expect(await redis.send(['LLEN', `${prefix}q`])).toBe(1)
  })

  test('a lease that has ended is not revived, even before anybody noticed', async () => {
    const redis = await bare()
    const key = `${names().prefix}holders`
    await redis.send(['ZADD', key, '1', 'ended', '99999999999999', 'alive'])
    const renew = (...holders: string[]) =>
      redis.run(renewHoldersScript, [key], ['1000', ...holders])
    expect(await renew('ended', 'alive', 'unknown')).toEqual([0, 1, 0])
    expect(await redis.send(['ZSCORE', key, 'ended'])).toBe(1)
    expect(await redis.send(['ZCARD', key])).toBe(2)
  })

  test('the thread notices a lease that is gone, also of a session at rest', async () => {
    const { options, prefix } = names()
    const session = await open({ ...options, leaseMs: 1_500 })
    await putAll(session, [envelope(1)])
    await session.take(request)
    const redis = await bare()
    await redis.send(['DEL', `${prefix}_dashi.holders`])
    expect(await session.closed).toBeInstanceOf(LeaseLostError)
  })

  test('a lease outlives its term while the event loop is blocked', async () => {
    const { options, prefix } = names()
    const session = await open({ ...options, leaseMs: 1_000 })
    await putAll(session, [envelope(1)])
    const [lease] = await session.take(request)
    if (lease === undefined) throw new Error('a message was expected')
    const redis = await bare()
    // The thread needs its first renewal to be there: it is started by the first take.
    const before = await firstRenewal(redis, `${prefix}_dashi.holders`)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2_500)
    const [, after] = await redis
      .send<[string, number]>(['ZRANGE', `${prefix}_dashi.holders`, '0', '-1', 'WITHSCORES'])
      .then((reply) => reply.flat() as [string, number])
    expect(Number(after)).toBeGreaterThan(before + 2_000)
    expect(await session.settle([{ ...lease, outcome: 'done' }])).toEqual([true])
  })
})

async function firstRenewal(redis: RedisClient, key: string): Promise<number> {
  const read = async () => {
    const reply = await redis.send<unknown[]>(['ZRANGE', key, '0', '-1', 'WITHSCORES'])
    return Number(reply.flat()[1])
  }
  const registered = await read()
  let score = registered
  while (score === registered) score = await read()
  return score
}

async function takeUntil(session: StoreSession, count: number): Promise<Lease[]> {
  const leases: Lease[] = []
  const signal = AbortSignal.timeout(8_000)
  while (leases.length < count && !signal.aborted) {
    leases.push(...(await session.take({ ...request, limit: count - leases.length })))
    if (leases.length < count) await session.wait(['q'], signal)
  }
  return leases
}

const bodyOf = ({ payload }: Lease) =>
  Number(Buffer.from(JSON.parse(payload.toString()).body, 'base64').toString())

describe('failures', () => {
  test('nobody listens: refused, with the address and without the password', async () => {
    const store = redisStore({ port: 1, host: '127.0.0.1', password: 'hunter2' })
    const error = await store.open(connectOptions).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'CONNECTION_REFUSED' })
    expect(String(error)).toContain('127.0.0.1:1/0')
    expect(String(error)).not.toContain('hunter2')
  })

  test('a wrong password is refused access; a database that does not exist is refused', async () => {
    const options = { port: server.port, host: '127.0.0.1' }
    const wrong = redisStore({ ...options, username: 'nobody', password: 'no' }).open(
      connectOptions,
    )
    await expect(wrong).rejects.toMatchObject({ code: 'ACCESS_REFUSED' })
    const missing = redisStore({ ...options, database: 99 }).open(connectOptions)
    await expect(missing).rejects.toMatchObject({ code: 'CONNECTION_REFUSED' })
  })

  test('a put whose answer is lost has an unknown outcome', async () => {
    const own = await startRedis()
    await using _ = own
    const session = await redisStore({ port: own.port, host: '127.0.0.1' }).open(connectOptions)
    own.process.signal('SIGSTOP')
    const puts = Array.from({ length: 20 }, (_, number) => putAll(session, [envelope(number)]))
    const settled = Promise.allSettled(puts)
    await own.process.kill()
    for (const result of await settled) {
      expect(result).toMatchObject({ reason: expect.any(OutcomeUnknownError) })
    }
    expect(await session.closed).toMatchObject({ code: 'CONNECTION_LOST' })
    await expect(putAll(session, ['x'])).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
  })

  test('a server that hangs is noticed', async () => {
    const own = await startRedis()
    await using _ = own
    const store = redisStore({
      port: own.port,
      host: '127.0.0.1',
      socketTimeoutMs: 300,
      socketConnectTimeoutMs: 300,
    })
    const session = await store.open(connectOptions)
    own.process.signal('SIGSTOP')
    await expect(putAll(session, ['x'])).rejects.toBeInstanceOf(OutcomeUnknownError)
    await expect(store.open(connectOptions)).rejects.toMatchObject({ code: 'TIMED_OUT' })
    own.process.signal('SIGCONT')
  })

  test('out of memory: publishing is refused, consuming goes on, also by newcomers', async () => {
    const own = await startRedis()
    await using _ = own
    const store = redisStore({ port: own.port, host: '127.0.0.1', leaseMs: 1_500 })
    const [session, other] = await Promise.all([
      store.open(connectOptions),
      store.open(connectOptions),
    ])
    opened.push(session, other)
    const payloads = [1, 2, 3].map((number) => envelope(number))
    await putAll(session, payloads)
    const [held] = await session.take({ ...request, limit: 1 })
    const redis = await openClient(
      {
        ...serverSettings({ port: own.port, host: '127.0.0.1' }, 'test'),
        tls: undefined,
        tracking: false,
      },
      AbortSignal.timeout(5_000),
    )
    clients.push(redis)
    await redis.send(['CONFIG', 'SET', 'maxmemory', '1mb'])
    const error = await putAll(session, ['x']).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(PublishError)
    expect(error).toMatchObject({ code: 'REFUSED', message: expect.stringContaining('maxmemory') })
    await expect(
      session.put([
        { queue: 'a', payload: 'x', priority: 0 },
        { queue: 'b', payload: 'x', priority: 0 },
      ]),
    ).rejects.toMatchObject({ code: 'REFUSED' })

    const taken = await other.take({ ...request, limit: 1 })
    expect(taken).toHaveLength(1)
    const one = { ...(held as Lease), outcome: 'requeue' as const, priority: 0 }
    expect(await session.settle([one])).toEqual([true])
    const renewed = await Promise.race([session.closed, other.closed, waitMs(3_000)])
    expect(renewed).toBe('still open')
    expect(
      await other.settle(taken.map((lease) => ({ ...lease, outcome: 'done' as const }))),
    ).toEqual([true])
    await redis.send(['CONFIG', 'SET', 'maxmemory', '0'])
  })

  test('a server that became a replica ends the session, and is refused afterwards', async () => {
    const own = await startRedis()
    await using _ = own
    const store = redisStore({ port: own.port, host: '127.0.0.1' })
    const session = await store.open(connectOptions)
    const redis = await openClient(
      {
        ...serverSettings({ port: own.port, host: '127.0.0.1' }, 'test'),
        tls: undefined,
        tracking: false,
      },
      AbortSignal.timeout(5_000),
    )
    clients.push(redis)
    await redis.send(['REPLICAOF', '127.0.0.1', '1'])
    await expect(putAll(session, ['x'])).rejects.toMatchObject({ code: 'REFUSED' })
    expect(await session.closed).toMatchObject({ code: 'CONNECTION_LOST' })
    await expect(store.open(connectOptions)).rejects.toMatchObject({
      message: expect.stringContaining('127.0.0.1:1'),
    })
  })
})

function waitMs(ms: number): Promise<string> {
  const waited = Promise.withResolvers<string>()
  setTimeout(() => waited.resolve('still open'), ms)
  return waited.promise
}

describe('queueOrderStrategy', () => {
  test.each([
    ['round_robin', ['b', 'a', 'b', 'a', 'b', 'b']],
    ['priority', ['b', 'b', 'b', 'b', 'a', 'a']],
    ['sorted', ['a', 'a', 'b', 'b', 'b', 'b']],
  ] as const)('%s', async (queueOrderStrategy, expected) => {
    const session = await open({ ...names().options, queueOrderStrategy })
    await putAll(session, [1, 2, 3, 4].map(String), 'b')
    await putAll(session, [1, 2].map(String), 'a')
    const served: string[] = []
    for (const _ of expected) {
      const leases = await session.take({ queues: ['b', 'a'], limit: 1, noAck: true })
      served.push(...leases.map(({ queue }) => queue))
    }
    expect(served).toEqual(expected)
  })

  test('a more urgent priority comes before whose turn it is', async () => {
    const session = await open(names().options)
    await putAll(session, ['1', '2'], 'a', 0)
    await putAll(session, ['1'], 'b', 9)
    const two = { queues: ['a', 'b'], limit: 1, noAck: true }
    const served = [await session.take(two), await session.take(two), await session.take(two)]
    expect(served.flat().map(({ queue }) => queue)).toEqual(['a', 'a', 'b'])
  })
})
