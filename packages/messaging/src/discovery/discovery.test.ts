import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Connection } from '../connection.ts'
import { Exchange } from '../entity/exchange.ts'
import { Queue } from '../entity/queue.ts'
import { ConnectionError } from '../errors.ts'
import { memory } from '../memory/memory.ts'
import { MemoryBroker } from '../memory/memory-broker.ts'
import { type Announcement, type AnnounceOptions, announce, serve } from './announcement.ts'
import { WorkerRegistry, type WorkerRegistryOptions } from './worker-registry.ts'

let broker: MemoryBroker
let closing: { close(): Promise<void> }[]
let warnings: Error[]

beforeEach(() => {
  broker = new MemoryBroker()
  closing = []
  warnings = []
})

afterEach(async () => {
  for (const one of closing.reverse()) await one.close()
  expect(warnings).toEqual([])
})

function connect(): Connection {
  const connection = new Connection(memory({ broker }))
  connection.on('warning', ({ error }) => warnings.push(error))
  closing.push(connection)
  return connection
}

async function start(options: AnnounceOptions = {}, connection = connect()): Promise<Announcement> {
  const announcement = await announce(connection, options)
  closing.push(announcement)
  return announcement
}

function watch(options: WorkerRegistryOptions = {}): WorkerRegistry {
  const registry = new WorkerRegistry(connect(), options)
  closing.push(registry)
  return registry
}

/** As `kill -9` has it: no goodbye, nothing given back but by the broker. */
function kill(connection: Connection): Promise<void> {
  connection.collect()
  return connection.close()
}

const heartbeats = new Exchange('worker_discovery', { type: 'fanout' })

describe('announce()', () => {
  test('heartbeats are what worker.py sends, on its exchange', async () => {
    const proxy = connect().consume(new Queue('example', { exchange: heartbeats, exclusive: true }))
    await proxy.start()
    const before = Date.now() / 1000
    await start({ ip: '10.0.0.7', capabilities: ['gpu'] })
    const { value: message } = await proxy.next()
    expect(message?.contentType).toBe('application/json')
    expect(message?.payload).toMatchObject({ ip: '10.0.0.7', capabilities: ['gpu'] })
    const { ts } = Object(message?.payload)
    expect(ts).toBeGreaterThanOrEqual(before)
    expect(ts).toBeLessThanOrEqual(Date.now() / 1000)
    await proxy.return()
  })

  test('go on at the interval asked for', async () => {
    const proxy = connect().consume(new Queue('example', { exchange: heartbeats, exclusive: true }))
    await proxy.start()
    await start({ ip: 'w', heartbeatMs: 5 })
    for (let count = 0; count < 4; count += 1) expect((await proxy.next()).done).toBe(false)
    await proxy.return()
  })

  test('nobody listening is no error, and defaults are there', async () => {
    const announcement = await start()
    expect(announcement.ip).not.toBe('')
    expect(announcement.heartbeatMs).toBe(5_000)
  })

  test.for([[{ heartbeatMs: 0 }], [{ ip: '' }], [{ handler: {} }], [{ concurrency: 1.5 }]])(
    'refuses %j',
    async ([options]) => {
      await expect(announce(connect(), options as object)).rejects.toMatchObject({
        code: 'BAD_OPTION',
      })
    },
  )
})

describe('WorkerRegistry', () => {
  test('lists worker.py by its ip', async () => {
    const registry = watch()
    await registry.start()
    const python = connect().producer({ exchange: heartbeats, serializer: 'json' })
    await python.publish({ ip: '127.0.0.1', ts: 1_700_000_000.25 })
    const [worker] = await registry.waitFor((workers) => workers.length === 1)
    expect(worker).toMatchObject({ id: '127.0.0.1', ip: '127.0.0.1', ts: 1_700_000_000.25 })
    expect(registry.find('127.0.0.1')).toBe(worker)
  })

  test('several registries see everything', async () => {
    const registries = [watch(), watch(), watch({ queue: 'example' })]
    await Promise.all(registries.map((registry) => registry.start()))
    await start({ ip: 'a' })
    await start({ ip: 'b' })
    for (const registry of registries) {
      const workers = await registry.waitFor(({ length }) => length === 2)
      expect(workers.map(({ ip }) => ip)).toEqual(['a', 'b'])
    }
  })

  test('one that starts late asks those that serve, and does not wait for heartbeats', async () => {
    await start({ ip: 'a', heartbeatMs: 60_000, handlers: { ping: () => 'pong' } })
    const [worker] = await watch().waitFor(({ length }) => length === 1, { timeoutMs: 5_000 })
    expect(worker).toMatchObject({ ip: 'a', capabilities: ['ping'], takesRequests: true })
  })

  test('tells who joined, and who said goodbye', async () => {
    const registry = watch()
    const events: string[] = []
    registry.on('joined', ({ worker }) => events.push(`${worker.ip} joined`))
    registry.on('left', ({ worker, reason }) => events.push(`${worker.ip} ${reason}`))
    await registry.start()
    const announcement = await start({ ip: 'a' })
    await registry.waitFor(({ length }) => length === 1)
    await announcement.close()
    await registry.waitFor(({ length }) => length === 0)
    expect(events).toEqual(['a joined', 'a goodbye'])
  })

  test('one that is killed leaves by its time to live, and not before', async () => {
    const registry = watch({ ttlMs: 60 })
    const left = Promise.withResolvers<string>()
    registry.on('left', ({ worker, reason }) => left.resolve(`${worker.ip} ${reason}`))
    await registry.start()
    const connection = connect()
    await start({ ip: 'a', heartbeatMs: 10 }, connection)
    await registry.waitFor(({ length }) => length === 1)
    await kill(connection)
    const killedAt = performance.now()
    expect(await left.promise).toBe('a timeout')
    expect(performance.now() - killedAt).toBeGreaterThan(45)
  })

  test('knows who can do what, and when that changes', async () => {
    const registry = watch()
    const updated = Promise.withResolvers<readonly string[]>()
    registry.on('updated', ({ worker }) => updated.resolve(worker.capabilities))
    await registry.start()
    const gpu = await start({ ip: 'g', capabilities: ['gpu', 'cpu'] })
    await start({ ip: 'c', capabilities: ['cpu'] })
    await registry.waitFor(({ length }) => length === 2)
    expect(registry.withCapability('gpu').map(({ ip }) => ip)).toEqual(['g'])
    expect(registry.withCapability('cpu').map(({ ip }) => ip)).toEqual(['g', 'c'])
    expect(registry.withCapability('tpu')).toEqual([])
    await serve(connect(), gpu, { resize: () => 0 })
    expect(await updated.promise).toEqual(['gpu', 'cpu', 'resize'])
  })

  test('goes on after its connection, or the worker’s, was cut', async () => {
    const connection = connect()
    const registry = new WorkerRegistry(connection)
    closing.push(registry)
    await registry.start()
    const workers = connect()
    await start({ ip: 'a', heartbeatMs: 60_000 }, workers)
    await registry.waitFor(({ length }) => length === 1)
    connection.collect()
    await connection.ready()
    const seenAt = registry.workers()[0]?.lastSeenAt.getTime() ?? 0
    const seenAgain = expect.poll(() => Number(registry.workers()[0]?.lastSeenAt) > seenAt)
    workers.collect()
    await workers.ready()
    await seenAgain.toBe(true)
    await start({ ip: 'b' })
    await registry.waitFor(({ length }) => length === 2)
  })

  test('does not blame workers for the time in which it could not hear them', async () => {
    const transport = memory({ broker })
    let isAway = false
    const refusal = new ConnectionError('CONNECTION_REFUSED', 'The broker is away')
    const connection = new Connection(
      {
        ...transport,
        connect: (options) => (isAway ? Promise.reject(refusal) : transport.connect(options)),
      },
      { backoff: { startMs: 1, maxMs: 10 } },
    )
    closing.push(connection)
    const registry = new WorkerRegistry(connection, { ttlMs: 200 })
    closing.push(registry)
    const left = Promise.withResolvers<number>()
    registry.on('left', () => left.resolve(performance.now()))
    await registry.start()
    await connect().producer({ exchange: heartbeats }).publish({ ip: 'a', ts: 0 })
    await registry.waitFor(({ length }) => length === 1)
    isAway = true
    connection.collect()
    const until = performance.now() + 300
    await expect.poll(() => performance.now() > until).toBe(true)
    isAway = false
    await connection.ready()
    const readyAt = performance.now()
    expect(registry.workers()).toHaveLength(1)
    expect((await left.promise) - readyAt).toBeGreaterThan(100)
  })

  test('what is no heartbeat is counted, and reported once', async () => {
    const registry = watch()
    await registry.start()
    const producer = connect().producer({ exchange: heartbeats })
    await producer.publish({ hello: 'world' })
    await producer.publish('text')
    await start({ ip: 'a' })
    await registry.waitFor(({ length }) => length === 1)
    expect(registry.malformedCount).toBe(2)
    expect(warnings.splice(0).map(String)).toEqual([expect.stringContaining('is no heartbeat')])
  })

  test('waitFor() says who was there instead', async () => {
    const registry = watch()
    await registry.start()
    await start({ ip: 'a', capabilities: ['cpu'] })
    const waiting = registry.waitFor(({ length }) => length === 2, { timeoutMs: 20 })
    await expect(waiting).rejects.toMatchObject({
      code: 'TIMED_OUT',
      message: expect.stringContaining('a [cpu]'),
    })
    await expect(registry.waitFor(() => { throw new Error('mine') })).rejects.toThrow('mine') // biome-ignore format: one line
  })

  test('close() ends waits, and leaves nothing behind', async () => {
    const registry = watch({ queue: 'heartbeats' })
    await start({ handlers: { ping: () => 'pong' } })
    expect(await registry.dispatch('ping')).toBe('pong')
    const waiting = registry.waitFor(({ length }) => length === 9)
    const call = registry.dispatch('nothing')
    await registry.close()
    await expect(waiting).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' })
    await expect(call).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' })
    await expect(registry.start()).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' })
    expect(broker.find('heartbeats')).toBeUndefined()
    expect(await broker.bindings.lookup('worker_discovery')).toEqual([])
    expect(await broker.bindings.lookup('worker_discovery.answers')).toEqual([])
  })

  test.for([[{ ttlMs: 0 }], [{ ttl: 5 }], [{ exchange: '' }]])('refuses %j', ([options]) => {
    expect(() => watch(options as object)).toThrow(expect.objectContaining({ code: 'BAD_OPTION' }))
  })

  test('another exchange is another world', async () => {
    const registry = watch({ exchange: 'other' })
    await registry.start()
    await start({ ip: 'a' })
    await start({ ip: 'b', exchange: 'other', handlers: { ping: () => 'pong' } })
    expect(await registry.dispatch('ping')).toBe('pong')
    expect(registry.workers().map(({ ip }) => ip)).toEqual(['b'])
  })
})
