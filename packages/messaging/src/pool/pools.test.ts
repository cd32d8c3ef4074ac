import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Connection } from '../connection.ts'
import { Queue } from '../entity/queue.ts'
import { ConnectionError } from '../errors.ts'
import { memory } from '../memory/memory.ts'
import { MemoryBroker } from '../memory/memory-broker.ts'
import { insured } from './insured.ts'
import { Pools } from './pools.ts'

let broker: MemoryBroker
let connection: Connection
const jobs = new Queue('jobs')

beforeEach(() => {
  broker = new MemoryBroker()
  connection = new Connection(memory({ broker }))
})

afterEach(() => connection.close())

describe('connection.pool()', () => {
  test('lends clones, and channels of them', async () => {
    await using pool = connection.pool({ limit: 2 })
    await using first = await pool.acquire()
    await using second = await pool.acquireChannel()
    expect(first.value).toBeInstanceOf(Connection)
    expect(first.value).not.toBe(connection)
    await jobs.declare(second.value)
    await first.value.producer().publish(1, { routingKey: 'jobs' })
    expect(broker.find('jobs')?.size).toBe(1)
    await expect(pool.acquire()).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' })
    await second.release()
    await pool.acquire()
  })

  test('closes what it lent when it is closed', async () => {
    const pool = connection.pool({ limit: 2 })
    const { value } = await pool.acquire()
    await pool.close()
    expect([value.isClosed, connection.isClosed]).toEqual([true, false])
  })

  test('warnings of a lent connection are those of the original', async () => {
    await using pool = connection.pool({ limit: 1 })
    const warned = Promise.withResolvers<Error>()
    connection.on('warning', ({ error }) => warned.resolve(error))
    const { value } = await pool.acquire()
    value.warn(new Error('hot'))
    expect(await warned.promise).toMatchObject({ message: 'hot' })
  })
})

test('connection.channelPool() lends channels', async () => {
  await using pool = connection.channelPool({ limit: 1 })
  const first = await pool.acquire()
  await jobs.declare(first.value)
  await first.release()
  const again = await pool.acquire()
  expect(again.value).toBe(first.value)
  await again.value.close()
  await again.release()
  expect((await pool.acquire()).value.isOpen).toBe(true)
})

describe('Pools', () => {
  test('give equal connections the same pool, and others another', async () => {
    await using pools = new Pools({ limit: 2 })
    expect(pools.connections(connection)).toBe(pools.connections(connection.clone()))
    expect(pools.producers(connection)).toBe(pools.producers(connection.clone()))
    const others = [
      new Connection(memory({ broker })),
      connection.clone({ operationTimeoutMs: 5 }),
      new Connection('memory://'),
    ]
    for (const other of others)
      expect(pools.connections(other)).not.toBe(pools.connections(connection))
    const urls = ['memory://a', ['memory://a', 'memory://b'], 'memory://a;memory://b'] as const
    const [one, two, three] = urls.map((url) => pools.connections(new Connection(url)))
    expect(one).not.toBe(two)
    expect(two).toBe(three)
    expect(pools.connections(connection).limit).toBe(2)
  })

  test('producers borrow a connection while they are lent', async () => {
    await using pools = new Pools({ limit: 1 })
    const producers = pools.producers(connection)
    const connections = pools.connections(connection)
    {
      await using pooled = await producers.acquire()
      await pooled.value.publish(1, { routingKey: 'jobs', declare: [jobs] })
      expect([connections.lentCount, connections.idleCount]).toEqual([1, 0])
    }
    expect([connections.lentCount, connections.idleCount]).toEqual([0, 1])
    const lent = await connections.acquire()
    const waiting = producers.use((producer) => producer.connection)
    await expect(producers.acquire()).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' })
    await lent.release()
    expect(await waiting).toBe(lent.value)
    expect(broker.find('jobs')?.size).toBe(1)
  })

  test('limits change for all', async () => {
    await using pools = new Pools()
    expect(pools.limit).toBe(10)
    const first = pools.connections(connection)
    await pools.setLimit(3)
    expect([first.limit, pools.producers(connection).limit, pools.limit]).toEqual([3, 3, 3])
    expect(pools.connections(new Connection('memory://new')).limit).toBe(3)
  })

  test('reset() closes everything, and begins anew', async () => {
    const pools = new Pools()
    const { value } = await pools.connections(connection).acquire()
    const before = pools.connections(connection)
    await pools.reset()
    expect(value.isClosed).toBe(true)
    expect(pools.connections(connection)).not.toBe(before)
    await pools.close()
  })
})

describe('insured()', () => {
  test('calls again when the connection fails, and gives it back', async () => {
    await using pool = connection.pool({ limit: 1 })
    let count = 0
    const told: Error[] = []
    const result = await insured(
      pool,
      async (lent, channel) => {
        count += 1
        await jobs.declare(channel)
        if (count === 1) throw new ConnectionError('CONNECTION_LOST', 'gone')
        return lent.connected
      },
      { intervalStartMs: 1, errback: (error) => told.push(error) },
    )
    expect([result, count, told.length]).toEqual([true, 2, 1])
    expect([pool.lentCount, pool.idleCount]).toEqual([0, 1])
  })

  test('passes on what is not the connection’s fault', async () => {
    await using pool = connection.pool({ limit: 1 })
    await expect(insured(pool, () => Promise.reject(new RangeError('mine')))).rejects.toThrow(
      'mine',
    )
    expect(pool.lentCount).toBe(0)
  })
})
