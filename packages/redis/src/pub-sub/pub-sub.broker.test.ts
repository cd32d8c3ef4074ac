import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type RedisServer, startRedis } from '../../../../tools/brokers/redis.ts'
import { openClient, type RedisClient } from '../connection/client.ts'
import type { RedisServerOptions } from '../options.ts'
import { serverSettings } from '../settings.ts'
import { PubSub, type PubSubOptions } from './pub-sub.ts'
import type { PubSubGap } from './pub-sub-events.ts'
import type { PubSubMessage } from './pub-sub-message.ts'

let server: RedisServer
let redis: RedisClient
const opened: PubSub[] = []

async function bare(port: number): Promise<RedisClient> {
  const settings = serverSettings({ host: '127.0.0.1', port }, 'test')
  return await openClient(
    { ...settings, tls: undefined, tracking: false },
    AbortSignal.timeout(5_000),
  )
}

beforeAll(async () => {
  server = await startRedis()
  redis = await bare(server.port)
})

afterEach(async () => {
  await Promise.all(opened.splice(0).map((pubSub) => pubSub.close()))
})

afterAll(async () => {
  redis.destroy()
  await server[Symbol.asyncDispose]()
})

function open(options: PubSubOptions = {}, where: RedisServerOptions = {}): PubSub {
  const pubSub = new PubSub({ host: '127.0.0.1', port: server.port, ...where }, options)
  opened.push(pubSub)
  return pubSub
}

/** Collects messages; `until(n)` resolves when there are n. */
function inbox() {
  const messages: PubSubMessage[] = []
  let wanted = Number.POSITIVE_INFINITY
  let reached = Promise.withResolvers<void>()
  return {
    messages,
    handler: (message: PubSubMessage) => {
      messages.push(message)
      if (messages.length >= wanted) reached.resolve()
    },
    until: (count: number) => {
      wanted = count
      reached = Promise.withResolvers()
      if (messages.length >= count) reached.resolve()
      return reached.promise
    },
    texts: () => messages.map((message) => `${message.channel}: ${message.text()}`),
  }
}

const next = <Name extends 'gap' | 'pong' | 'error' | 'connected' | 'disconnected'>(
  pubSub: PubSub,
  name: Name,
) => {
  const happened = Promise.withResolvers<Parameters<Parameters<typeof pubSub.on<Name>>[1]>[0]>()
  pubSub.on(name, happened.resolve)
  return happened.promise
}

describe('handlers', () => {
  test('get the messages of their channel, with what redis-py tells', async () => {
    const pubSub = open()
    const [one, two] = [inbox(), inbox()]
    await pubSub.subscribe('one', one.handler)
    await pubSub.psubscribe('t?o', two.handler)
    expect(pubSub.channels).toEqual(['one'])
    expect(pubSub.patterns).toEqual(['t?o'])
    expect(await pubSub.publish('one', '频道1的消息')).toBe(1)
    expect(await pubSub.publish('two', Buffer.from([0xff, 0x00]))).toBe(1)
    expect(await pubSub.publish('three', '')).toBe(0)
    await Promise.all([one.until(1), two.until(1)])
    expect(one.texts()).toEqual(['one: 频道1的消息'])
    expect(one.messages[0]).toMatchObject({ type: 'message', channel: 'one', pattern: undefined })
    expect(two.messages[0]).toMatchObject({
      type: 'pmessage',
      channel: 'two',
      pattern: 't?o',
      data: Buffer.from([0xff, 0x00]),
    })
  })

  test('come and go while it runs', async () => {
    const pubSub = open()
    const { handler, texts, until } = inbox()
    await pubSub.subscribe(['a', 'b'], handler)
    await pubSub.unsubscribe('a')
    await pubSub.subscribe('c', handler)
    await Promise.all(['a', 'b', 'c'].map((channel) => pubSub.publish(channel, '1')))
    await until(2)
    await pubSub.unsubscribe('b')
    await Promise.all([pubSub.unsubscribe('c'), pubSub.subscribe('c', handler)])
    await Promise.all(['b', 'c'].map((channel) => pubSub.publish(channel, '2')))
    await until(3)
    expect(texts()).toEqual(['b: 1', 'c: 1', 'c: 2'])
    expect(await redis.send(['PUBSUB', 'CHANNELS'])).toEqual(['c'])
    await pubSub.unsubscribe()
    expect(await redis.send(['PUBSUB', 'CHANNELS'])).toEqual([])
  })

  test('may be several for one channel, each removed by itself', async () => {
    const pubSub = open()
    const [first, second] = [inbox(), inbox()]
    await pubSub.subscribe('x', first.handler)
    await pubSub.subscribe('x', second.handler)
    await pubSub.publish('x', '1')
    await Promise.all([first.until(1), second.until(1)])
    await pubSub.unsubscribe('x', first.handler)
    await pubSub.publish('x', '2')
    await second.until(2)
    expect(first.texts()).toEqual(['x: 1'])
  })

  test('that throw or reject are reported, and the others still get the message', async () => {
    const pubSub = open()
    const { handler, until } = inbox()
    const errors: string[] = []
    pubSub.on('error', (error) => errors.push(error.message))
    await pubSub.subscribe('x', () => {
      throw new Error('thrown')
    })
    await pubSub.subscribe('x', async () => {
      throw new Error('rejected')
    })
    await pubSub.subscribe('x', handler)
    await pubSub.publish('x', '1')
    await until(1)
    await pubSub.checkHealth()
    expect(errors.sort()).toEqual(['rejected', 'thrown'])
  })
})

describe('the connection', () => {
  test('beats while anything is subscribed', async () => {
    const pubSub = open({ heartbeatMs: 20 })
    const pong = next(pubSub, 'pong')
    await pubSub.subscribe('x', () => undefined)
    expect(await pong).toBeGreaterThan(0)
    expect(await pubSub.checkHealth()).toBeGreaterThan(0)
  })

  test('comes back with everything subscribed, and says for how long it was away', async () => {
    const own = await startRedis()
    await using _ = own
    const pubSub = open({ heartbeatMs: 20 }, { port: own.port })
    const { handler, texts, until } = inbox()
    await pubSub.subscribe('a', handler)
    await pubSub.psubscribe('b*', handler)
    await next(pubSub, 'pong')
    const [lost, gap] = [next(pubSub, 'disconnected'), next(pubSub, 'gap')]
    await own.process.kill()
    expect(await lost).toBeInstanceOf(Error)
    const late = pubSub.publish('a', 'published while away')
    const added = pubSub.subscribe('added while away', handler)
    await own.process.start()
    const span: PubSubGap = await gap
    expect(span).toMatchObject({ channels: ['a', 'added while away'], patterns: ['b*'] })
    expect(span.durationMs).toBe(span.until.getTime() - span.from.getTime())
    expect(span.durationMs).toBeGreaterThan(0)
    await added
    expect(await late).toBe(1)
    const peer = await bare(own.port)
    expect(await peer.send(['PUBLISH', 'bb', 'after'])).toBe(1)
    expect(await peer.send(['PUBLISH', 'added while away', 'after'])).toBe(1)
    peer.destroy()
    await until(3)
    expect(texts()).toEqual(['a: published while away', 'bb: after', 'added while away: after'])
  })

  test('is made anew when the server hangs', async () => {
    const own = await startRedis()
    await using _ = own
    const pubSub = open(
      { heartbeatMs: 20 },
      { port: own.port, socketTimeoutMs: 200, socketConnectTimeoutMs: 200 },
    )
    await pubSub.subscribe('a', () => undefined)
    const [lost, gap] = [next(pubSub, 'disconnected'), next(pubSub, 'gap')]
    own.process.signal('SIGSTOP')
    expect(String(await lost)).toMatch(/not answered/)
    own.process.signal('SIGCONT')
    expect((await gap).durationMs).toBeGreaterThan(150)
  })

  test('that cannot be made fails what waits for it in time, and goes on trying', async () => {
    const pubSub = open({ timeoutMs: 100 }, { port: 1 })
    const subscribed = pubSub.subscribe('x', () => undefined)
    await expect(subscribed).rejects.toMatchObject({ code: 'TIMED_OUT' })
    await expect(pubSub.publish('x', '')).rejects.toMatchObject({ code: 'TIMED_OUT' })
    expect(await next(pubSub, 'disconnected')).toMatchObject({ code: 'CONNECTION_REFUSED' })
    expect(pubSub.channels).toEqual(['x'])
  })

  test('a channel that the ACL forbids is refused, and no longer wanted', async () => {
    await redis.send([
      'ACL',
      'SETUSER',
      'narrow',
      'on',
      '>pw',
      '~*',
      '+@all',
      'resetchannels',
      '&ok',
    ])
    const pubSub = open({}, { username: 'narrow', password: 'pw' })
    await pubSub.subscribe('ok', () => undefined)
    const refused = pubSub.subscribe('secret', () => undefined)
    await expect(refused).rejects.toMatchObject({ code: 'ACCESS_REFUSED' })
    expect(pubSub.channels).toEqual(['ok'])
  })

  test('is gone after close()', async () => {
    const pubSub = open()
    await pubSub.subscribe('closing', () => undefined)
    await Promise.all([pubSub.close(), pubSub.close()])
    expect(await redis.send(['PUBSUB', 'CHANNELS', 'closing'])).toEqual([])
    await expect(pubSub.publish('x', '')).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' })
    await expect(pubSub.subscribe('x', () => undefined)).rejects.toMatchObject({
      code: 'CONNECTION_CLOSED',
    })
    expect(pubSub.channels).toEqual([])
  })
})

test('a URL leads there as well, and a bad one nowhere', async () => {
  await using pubSub = new PubSub(server.url)
  expect(await pubSub.publish('x', '')).toBe(0)
  expect(() => new PubSub('redis://h/x')).toThrow(/number of a Redis database/)
  expect(() => new PubSub('redis://h?lease_ms=5000')).toThrow(/Unknown option "lease_ms"/)
  expect(() => new PubSub({}, { heartbeatMs: -1 })).toThrow(/heartbeatMs/)
})
