import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type RedisServer, startRedis } from '../../../../tools/brokers/redis.ts'
import { openClient, type RedisClient } from '../connection/client.ts'
import { RedisLink } from '../connection/redis-link.ts'
import { serverSettings } from '../settings.ts'
import { FifoQueue } from './fifo-queue.ts'
import { LifoQueue } from './lifo-queue.ts'
import { PriorityQueue } from './priority-queue.ts'

let server: RedisServer
let redis: RedisClient
let link: RedisLink

beforeAll(async () => {
  server = await startRedis()
  link = new RedisLink({ host: '127.0.0.1', port: server.port })
  const settings = serverSettings({ host: '127.0.0.1', port: server.port }, 'test')
  redis = await openClient(
    { ...settings, tls: undefined, tracking: false },
    AbortSignal.timeout(5_000),
  )
})

afterEach(async () => {
  await redis.send(['FLUSHALL'])
})

afterAll(async () => {
  redis.destroy()
  await link.close()
  await server[Symbol.asyncDispose]()
})

const disciplines = [
  ['FifoQueue', FifoQueue],
  ['LifoQueue', LifoQueue],
  ['PriorityQueue', PriorityQueue],
] as const

async function drain<Item>(queue: { pop(): Promise<Item | undefined> }): Promise<Item[]> {
  const items: Item[] = []
  for (let item = await queue.pop(); item !== undefined; item = await queue.pop()) items.push(item)
  return items
}

test('first in, first out', async () => {
  const queue = new FifoQueue<{ n: number }>(link, 'spider:requests')
  for (const n of [1, 2, 3]) await queue.push({ n })
  expect(await redis.send(['LRANGE', 'spider:requests', '0', '-1'])).toEqual([
    '{"n":3}',
    '{"n":2}',
    '{"n":1}',
  ])
  expect(await drain(queue)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }])
})

test('last in, first out', async () => {
  const queue = new LifoQueue<number>(link, 'spider:requests')
  for (const n of [1, 2, 3]) await queue.push(n)
  expect(await redis.send(['LRANGE', 'spider:requests', '0', '-1'])).toEqual(['3', '2', '1'])
  expect(await drain(queue)).toEqual([3, 2, 1])
})

test('highest priority first', async () => {
  const queue = new PriorityQueue<string>(link, 'spider:requests')
  await queue.push('none')
  await queue.push('high', { priority: 10 })
  await queue.push('low', { priority: -5 })
  await queue.push('middle', { priority: 1.5 })
  expect(await redis.send(['ZSCORE', 'spider:requests', '"high"'])).toBe(-10)
  expect(await drain(queue)).toEqual(['high', 'middle', 'none', 'low'])
})

describe.each(disciplines)('%s', (_, Queue) => {
  test('counts, clears, and is empty in time', async () => {
    const queue = new Queue<number>(link, 'q')
    await queue.push(1)
    await queue.push(2)
    expect(await queue.size()).toBe(2)
    await queue.clear()
    expect(await queue.size()).toBe(0)
    expect(await queue.pop()).toBeUndefined()
    const startedAt = performance.now()
    expect(await queue.pop({ timeoutMs: 50 })).toBeUndefined()
    expect(performance.now() - startedAt).toBeGreaterThan(45)
  })

  test('a waiting pop gets what is pushed later, and two never get the same', async () => {
    const queue = new Queue<number>(link, 'q')
    const popped = Promise.all([1, 2, 3].map(() => queue.pop({ timeoutMs: 5_000 })))
    await queue.size()
    await redis.send(['SET', 'unrelated', 'x'])
    for (const n of [1, 2, 3]) await queue.push(n)
    expect((await popped).toSorted()).toEqual([1, 2, 3])
  })

  test('an aborted pop takes nothing', async () => {
    const queue = new Queue<number>(link, 'q')
    const aborting = new AbortController()
    const popped = queue.pop({ timeoutMs: 5_000, signal: aborting.signal })
    await queue.size()
    aborting.abort(new Error('enough'))
    await expect(popped).rejects.toThrow('enough')
    await queue.push(1)
    expect(await queue.size()).toBe(1)
  })

  test('a key of another type is named', async () => {
    await redis.send(['SET', 'q', 'x'])
    const queue = new Queue<number>(link, 'q')
    const code = 'PRECONDITION_FAILED'
    await expect(queue.push(1)).rejects.toMatchObject({
      code,
      message: expect.stringContaining('"q"'),
    })
    await expect(queue.pop()).rejects.toMatchObject({ code })
  })
})

test('items may have a codec of their own', async () => {
  const codec = {
    encode: (item: bigint) => Uint8Array.of(Number(item)),
    decode: (bytes: Uint8Array) => BigInt(bytes[0] ?? 0),
  }
  const queue = new FifoQueue(link, 'q', { codec })
  await queue.push(200n)
  expect(await redis.sendForBytes(['LINDEX', 'q', '0'])).toEqual(Buffer.of(200))
  expect(await queue.pop()).toBe(200n)
})

test('what is no JSON is refused before it is sent', async () => {
  const queue = new FifoQueue<unknown>(link, 'q')
  await expect(queue.push(undefined)).rejects.toThrow(TypeError)
  expect(await queue.size()).toBe(0)
})

test('a queue works again when its server is back', async () => {
  const own = await startRedis()
  await using _ = own
  await using queue = new FifoQueue<number>(`redis://127.0.0.1:${own.port}/0`, 'q')
  await queue.push(1)
  expect(await queue.pop()).toBe(1)
  const popped = queue.pop({ timeoutMs: 8_000 })
  await queue.size()
  await own.process.kill()
  await own.process.start()
  await queue.push(2)
  expect(await popped).toBe(2)
})

test('after close() nothing goes any more; a link that was given stays', async () => {
  const own = new FifoQueue<number>(server.url, 'q')
  await own.push(1)
  await own.close()
  await expect(own.push(2)).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' })
  const shared = new FifoQueue<number>(link, 'q')
  await shared.close()
  expect(await shared.pop()).toBe(1)
})

test('a server that is not there fails in time, with its address', async () => {
  const gone = new RedisLink('redis://127.0.0.1:1')
  await using _ = gone
  const used = gone.use(async () => 1, { doing: 'try', signal: AbortSignal.timeout(150) })
  await expect(used).rejects.toMatchObject({
    code: 'CONNECTION_REFUSED',
    message: expect.stringContaining('127.0.0.1:1'),
  })
})
