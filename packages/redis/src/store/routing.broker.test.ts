import {
  matchKombuTopic,
  type RoutableMessage,
  type StoredBinding,
  type StoreSession,
} from '@dashi/messaging/transport'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
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

async function open(options: RedisOptions = {}) {
  const store = redisStore({ host: '127.0.0.1', port: server.port, ...options })
  const session = await store.open({ publishTimeoutMs: 10_000 })
  opened.push(session)
  const { bindings, broadcaster, route } = session
  if (!bindings || !broadcaster || !route) throw new Error('all of it was expected')
  return { session, bindings, broadcaster, route: route.bind(session) }
}

const binding = (exchangeType: string, routingKey: string, queue: string): StoredBinding => {
  return { exchange: 'ex', exchangeType, queue, routingKey, arguments: {} }
}

const message = (
  exchangeType: 'direct' | 'topic',
  routingKey: string,
  priority = 0,
): RoutableMessage => {
  return { exchange: 'ex', exchangeType, routingKey, payload: `to ${routingKey}`, priority }
}

/** All texts of one to `count` words with dots between them. */
function textsOf(words: readonly string[], count: number): readonly string[] {
  if (count === 1) return words
  const shorter = textsOf(words, count - 1)
  return [
    ...new Set([...shorter, ...shorter.flatMap((text) => words.map((word) => `${text}.${word}`))]),
  ]
}

describe('bindings', () => {
  test('are records that Kombu reads', async () => {
    const { bindings } = await open()
    await bindings.bind(binding('topic', 'a.*.b-c.#', 'q1'))
    await bindings.bind(binding('direct', 'k', 'q2'))
    const members = await redis.send<string[]>(['SMEMBERS', '_kombu.binding.ex'])
    const topic = String.raw`a.*.b-c.#${'\x06\x16'}^a\..*?[^\.]\.b\-c\..*?$${'\x06\x16'}q1`
    expect(members.sort()).toEqual([topic, 'k\x06\x16\x06\x16q2'])
    expect(await bindings.lookup('ex')).toEqual(
      expect.arrayContaining([
        binding('topic', 'a.*.b-c.#', 'q1'),
        { ...binding('direct', 'k', 'q2') },
      ]),
    )
  })

  test('tell a topic exchange from the rest, and no more', async () => {
    const { bindings } = await open()
    expect(await bindings.exchangeType('ex')).toBeUndefined()
    await bindings.bind(binding('fanout', '', 'q1'))
    expect(await bindings.exchangeType('ex')).toBeUndefined()
    await bindings.bind(binding('topic', '#', 'q1'))
    expect(await bindings.exchangeType('ex')).toBe('topic')
  })

  test('are forgotten by unbind, removeQueue and removeExchange', async () => {
    const { session, bindings } = await open()
    for (const queue of ['q', 'xq', 'z']) await bindings.bind(binding('direct', 'k', queue))
    await bindings.bind(binding('direct', 'other', 'q'))
    await bindings.unbind(binding('direct', 'k', 'z'))
    expect(await session.inspectQueue('q')).toBe(0)
    await bindings.removeQueue('q', ['ex', 'unknown'])
    expect((await bindings.lookup('ex')).map(({ queue }) => queue)).toEqual(['xq'])
    await bindings.removeExchange('ex')
    expect(await bindings.lookup('ex')).toEqual([])
  })
})

describe('route()', () => {
  test('reaches every matching queue once, in the list of its priority', async () => {
    const { session, bindings, route } = await open({ globalKeyprefix: 'p:' })
    await bindings.bind(binding('topic', 'a.*', 'q1'))
    await bindings.bind(binding('topic', 'a.#', 'q1'))
    await bindings.bind(binding('topic', '#', 'q2'))
    expect(await route([message('topic', 'a.b', 9), message('topic', 'c')])).toEqual([2, 1])
    expect(await redis.send(['LRANGE', 'p:q1\x06\x169', '0', '-1'])).toEqual(['to a.b'])
    expect(await session.inspectQueue('q2')).toBe(2)
  })

  test('by equality for direct, and to nobody without bindings', async () => {
    const { bindings, route } = await open()
    await bindings.bind(binding('direct', 'a.*', 'q1'))
    await bindings.bind(binding('direct', 'a.b', 'q2'))
    const elsewhere = { ...message('direct', 'a.b'), exchange: 'unknown' }
    expect(await route([message('direct', 'a.b'), message('direct', 'c'), elsewhere])).toEqual([
      1, 0, 0,
    ])
    expect(await redis.send(['LLEN', 'q2'])).toBe(1)
  })

  test('appends to all or to none', async () => {
    const { bindings, route } = await open()
    await bindings.bind(binding('direct', 'k', 'a'))
    await bindings.bind(binding('direct', 'foreign', 'b'))
    await redis.send(['SET', 'b', 'foreign'])
    const refused = route([
      message('direct', 'k'),
      message('direct', 'k'),
      message('direct', 'foreign'),
    ])
    await expect(refused).rejects.toMatchObject({ code: 'PRECONDITION_FAILED' })
    expect(await redis.send(['EXISTS', 'a'])).toBe(0)
  })

  test.each(['a*.b', 'x\ny', 'a.*'])(
    'leaves to the client what the script cannot: %j',
    async (key) => {
      const { bindings, route } = await open()
      await bindings.bind(binding('topic', key, 'q1'))
      const keys = ['a.b', 'aa.b', 'x\ny', 'a.b\n', 'a.\nb']
      const reached = await route(keys.map((routingKey) => message('topic', routingKey)))
      expect(reached).toEqual(keys.map((routingKey) => Number(matchKombuTopic(key, routingKey))))
    },
  )

  test('matches topics as the client does', async () => {
    const { bindings, route } = await open()
    const word = fc.constantFrom('a', 'b', 'ab', '', '*', '#', 'é', '%d', '[^.]')
    const key = fc.array(word, { maxLength: 5 }).map((words) => words.join('.'))
    const compilable = key.filter((text) => !/^\*[^.]|\*\*/.test(text))
    const keys = fc.array(key, { minLength: 1, maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(compilable, keys, async (bindingKey, routingKeys) => {
        await redis.send(['DEL', '_kombu.binding.ex', 'q1'])
        await bindings.bind(binding('topic', bindingKey, 'q1'))
        const reached = await route(routingKeys.map((routingKey) => message('topic', routingKey)))
        const expected = routingKeys.map((routingKey) =>
          Number(matchKombuTopic(bindingKey, routingKey)),
        )
        expect(reached).toEqual(expected)
      }),
      { numRuns: 300 },
    )
  })

  test('matches every short topic as the client does', async () => {
    const { bindings, route } = await open()
    const routingKeys = textsOf(['a', 'b', ''], 4)
    for (const bindingKey of textsOf(['a', '*', '#', ''], 3)) {
      await redis.send(['DEL', '_kombu.binding.ex'])
      await bindings.bind(binding('topic', bindingKey, 'q1'))
      const reached = await route(routingKeys.map((routingKey) => message('topic', routingKey)))
      const expected = routingKeys.map((key) => Number(matchKombuTopic(bindingKey, key)))
      expect({ bindingKey, reached }).toEqual({ bindingKey, reached: expected })
    }
  })

  test('takes time in proportion to the text, whatever the topic', async () => {
    const { bindings, route } = await open()
    await bindings.bind(binding('topic', Array(20).fill('#').join('.'), 'q1'))
    const startedAt = performance.now()
    expect(await route([message('topic', 'a.'.repeat(10))])).toEqual([0])
    expect(performance.now() - startedAt).toBeLessThan(1_000)
  })
})

describe('broadcasts', () => {
  test('go out and come in on the channels of Kombu', async () => {
    const { broadcaster } = await open({ globalKeyprefix: 'p:' })
    const received: string[] = []
    const got = Promise.withResolvers<void>()
    const subscription = await broadcaster.subscribe('fx', 'a.#', ({ exchange, payload }) => {
      received.push(`${exchange} ${payload.toString()}`)
      if (received.length === 2) got.resolve()
    })
    expect(await redis.send(['PUBLISH', 'p:/0.fx/a.b.c', 'from a peer'])).toBe(1)
    expect(await broadcaster.publish('fx', 'a.b', 'from us')).toBe(1)
    expect(await broadcaster.publish('fx', '', 'without a key')).toBe(0)
    await got.promise
    expect(received).toEqual(['fx from a peer', 'fx from us'])
    await subscription.cancel()
    expect(await redis.send(['PUBSUB', 'NUMPAT'])).toBe(0)
  })

  test('reach every listener of one pattern, until it cancels', async () => {
    const { broadcaster } = await open()
    const counts = [0, 0]
    let arrived = Promise.withResolvers<void>()
    const listeners = counts.map((_, index) => () => {
      counts[index] = (counts[index] ?? 0) + 1
      if (index === 1) arrived.resolve()
    })
    const [first, second] = await Promise.all(
      listeners.map((listener) => broadcaster.subscribe('fx', '', listener)),
    )
    expect(await redis.send(['PUBSUB', 'NUMPAT'])).toBe(2)
    await broadcaster.publish('fx', '', '1')
    await arrived.promise
    arrived = Promise.withResolvers<void>()
    await first?.cancel()
    await first?.cancel()
    await broadcaster.publish('fx', '', '2')
    await arrived.promise
    expect(await redis.send(['PUBSUB', 'NUMPAT'])).toBe(2)
    await second?.cancel()
    expect(counts).toEqual([1, 2])
    const again = await broadcaster.subscribe('fx', '', () => undefined)
    expect(await broadcaster.publish('fx', '', '3')).toBe(1)
    await again.cancel()
  })

  test('reach a binding without a key whether or not they have one, and only once', async () => {
    const { broadcaster } = await open()
    const received: string[] = []
    const got = Promise.withResolvers<void>()
    const subscription = await broadcaster.subscribe('fx', '', ({ payload }) => {
      if (received.push(payload.toString()) === 3) got.resolve()
    })
    for (const key of ['', 'a.b', 'c']) {
      expect(await broadcaster.publish('fx', key, `with "${key}"`)).toBe(1)
    }
    expect(await broadcaster.publish('fxx', '', 'elsewhere')).toBe(0)
    await got.promise
    expect(received).toEqual(['with ""', 'with "a.b"', 'with "c"'])
    await subscription.cancel()
    expect(await redis.send(['PUBSUB', 'NUMPAT'])).toBe(0)
  })

  test('a lost subscription ends the session', async () => {
    const { session, broadcaster } = await open()
    await broadcaster.subscribe('fx', '', () => undefined)
    await redis.send(['CLIENT', 'KILL', 'TYPE', 'pubsub'])
    expect(await session.closed).toMatchObject({ code: 'CONNECTION_LOST' })
  })
})
