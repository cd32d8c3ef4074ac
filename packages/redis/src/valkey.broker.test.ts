/** What differs least between Redis and Valkey; everything else runs there by `DASHI_TEST_REDIS_SERVER`. */
import { Connection, Exchange, Queue } from '@dashi/messaging'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RedisServer, startRedis } from '../../../tools/brokers/redis.ts'
import { askRedis } from '../../../tools/services/redis-request.ts'
import type { RedisOptions } from './options.ts'
import { PubSub } from './pub-sub/pub-sub.ts'
import { redis } from './redis.ts'
import { redisStore } from './redis-store.ts'

const program = process.env['DASHI_TEST_VALKEY_SERVER']
const missing = 'DASHI_TEST_VALKEY_SERVER is not set; "npm run brokers -- up valkey" says to what'
let server: RedisServer | undefined

beforeAll(async () => {
  if (program !== undefined) server = await startRedis({ command: program })
})

afterAll(() => server?.process.stop())

function place(skip: (reason: string) => never): RedisOptions {
  if (server === undefined) return skip(missing)
  return { host: '127.0.0.1', port: server.port }
}

test('it is Valkey', async ({ skip }) => {
  const { port = 0 } = place(skip)
  expect(await askRedis(port, 'INFO server')).toMatch(/valkey_version:\d+/)
})

test('messages go there and back, by every type of exchange, and a waiting consumer is woken', async ({
  skip,
}) => {
  const options = { ...place(skip), fanoutSharded: true, pollingIntervalMs: 60_000 }
  await using connection = new Connection(redis(options))
  const exchanges = (['direct', 'topic', 'fanout'] as const).map(
    (type) => new Exchange(`ex-${type}`, { type }),
  )
  for (const exchange of exchanges) {
    const queue = new Queue(`q-${exchange.name}`, { exchange, routingKey: 'k' })
    await using stream = connection.consume(queue, { signal: AbortSignal.timeout(10_000) })
    await stream.start()
    const arriving = stream.next()
    await connection.producer({ exchange }).publish({ n: 1 }, { routingKey: 'k' })
    const { value } = await arriving
    expect(value?.payload).toEqual({ n: 1 })
    value?.ack()
    await value?.settled()
  }
})

test('what a dead session held comes back', async ({ skip }) => {
  const store = redisStore({ ...place(skip), leaseMs: 1_000 })
  const [dying, other] = await Promise.all(
    [1, 2].map(() => store.open({ publishTimeoutMs: 5_000 })),
  )
  const request = { queues: ['held'], limit: 9, noAck: false }
  await dying?.put([{ queue: 'held', payload: '{"n":1}', priority: 0 }])
  expect(await dying?.take(request)).toHaveLength(1)
  dying?.destroy()
  const signal = AbortSignal.timeout(10_000)
  let leases = await other?.take(request)
  while (leases?.length === 0 && !signal.aborted) {
    await other?.wait(['held'], signal)
    leases = await other?.take(request)
  }
  expect(leases).toHaveLength(1)
  await other?.close()
})

test('sharded pub/sub', async ({ skip }) => {
  await using pubSub = new PubSub(place(skip))
  const got = Promise.withResolvers<string>()
  await pubSub.ssubscribe('x', (message) => got.resolve(message.text()))
  expect(await pubSub.spublish('x', 'hello')).toBe(1)
  expect(await got.promise).toBe('hello')
})
