import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Connection } from '../connection.ts'
import { memory } from '../memory/memory.ts'
import { MemoryBroker } from '../memory/memory-broker.ts'
import { type Announcement, type AnnounceOptions, announce } from './announcement.ts'
import type { RequestContext } from './request-server.ts'
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

async function work(
  ip: string,
  handlers: NonNullable<AnnounceOptions['handlers']>,
  options: AnnounceOptions & { readonly connection?: Connection } = {},
): Promise<Announcement> {
  const { connection = connect(), ...rest } = options
  const announcement = await announce(connection, { ip, id: ip, handlers, ...rest })
  closing.push(announcement)
  return announcement
}

function watch(options: WorkerRegistryOptions = {}): WorkerRegistry {
  const registry = new WorkerRegistry(connect(), options)
  closing.push(registry)
  return registry
}

/** As `kill -9` has it: no goodbye, nothing given back but by the broker. */
async function kill(connection: Connection): Promise<void> {
  connection.collect()
  await connection.close()
}

function never(): Promise<never> {
  return new Promise(() => undefined)
}

describe('dispatch()', () => {
  test('returns what a worker answers, bytes and text and nothing too', async () => {
    const seen: RequestContext[] = []
    await work('a', {
      add: (pair) => (Array.isArray(pair) ? pair[0] + pair[1] : 'no pair'),
      echo: async (payload) => payload,
      context: (_payload, context) => void seen.push(context),
    })
    const registry = watch()
    expect(await registry.dispatch('add', [1, 2])).toBe(3)
    expect(await registry.dispatch('echo', { deep: [1, { x: null }] })).toEqual({ deep: [1, { x: null }] }) // biome-ignore format: one line
    expect(await registry.dispatch('echo', 'text')).toBe('text')
    expect(await registry.dispatch('echo', new Uint8Array([1, 255]))).toEqual(Buffer.from([1, 255]))
    expect(await registry.dispatch('echo')).toBeNull()
    expect(await registry.dispatch('context')).toBeNull()
    expect(seen).toEqual([
      { id: expect.stringMatching(/-/), capability: 'context', signal: expect.any(AbortSignal) },
    ])
  })

  test('many at a time get their own answers, shared out evenly', async () => {
    const counts = { a: 0, b: 0, c: 0 }
    for (const ip of ['a', 'b', 'c'] as const)
      await work(ip, {
        square: (n) => {
          counts[ip] += 1
          return Number(n) ** 2
        },
      })
    const registry = watch()
    await registry.waitFor(({ length }) => length === 3)
    const numbers = Array.from({ length: 300 }, (_, n) => n)
    const answers = await Promise.all(numbers.map((n) => registry.dispatch('square', n)))
    expect(answers).toEqual(numbers.map((n) => n ** 2))
    expect(counts).toEqual({ a: 100, b: 100, c: 100 })
  })

  test('a handler’s error comes back with its message', async () => {
    await work('a', {
      fail: () => {
        throw new RangeError('page 7 is missing')
      },
      unwritable: () => () => undefined,
    })
    const registry = watch()
    await expect(registry.dispatch('fail')).rejects.toMatchObject({
      name: 'RemoteError',
      code: 'REMOTE_ERROR',
      message: 'Worker "a" failed to do "fail": RangeError: page 7 is missing',
    })
    await expect(registry.dispatch('unwritable')).rejects.toMatchObject({ code: 'REMOTE_ERROR' })
  })

  test('waits for a worker to appear', async () => {
    const registry = watch()
    const call = registry.dispatch('ping')
    await registry.start()
    await work('a', { ping: () => 'pong' })
    expect(await call).toBe('pong')
  })

  test('says so when nobody appears', async () => {
    const registry = watch()
    await work('a', { ping: () => 'pong' })
    await registry.waitFor(({ length }) => length === 1)
    await expect(registry.dispatch('gpu', 1, { timeoutMs: 20 })).rejects.toMatchObject({
      code: 'NO_WORKER',
      message: expect.stringMatching(/takes the call "gpu".*1 are known; they take: ping/),
    })
  })

  test('a worker that is too slow is named', async () => {
    await work('a', { sleep: never }, {})
    const registry = watch()
    await registry.waitFor(({ length }) => length === 1)
    await expect(registry.dispatch('sleep', 1, { timeoutMs: 20 })).rejects.toMatchObject({
      code: 'TIMED_OUT',
      message: expect.stringMatching(/^Worker "a", last seen 20.*"sleep" within 20 ms/),
    })
    await closing.pop()?.close()
    await abandon()
  })

  test('an abort ends the call', async () => {
    const begun = Promise.withResolvers<void>()
    await work('a', {
      sleep: () => {
        begun.resolve()
        return never()
      },
    })
    const aborting = new AbortController()
    const call = watch().dispatch('sleep', 1, { signal: aborting.signal })
    await begun.promise
    aborting.abort(new Error('enough'))
    await expect(call).rejects.toThrow('enough')
    await abandon()
  })

  test.for([[{ timeoutMs: 0 }], [{ retries: -1 }], [{ idempotant: true }]])(
    'refuses %j',
    async ([options]) => {
      await expect(watch().dispatch('ping', 1, options as object)).rejects.toMatchObject({
        code: 'BAD_OPTION',
      })
    },
  )
})

/** Closes workers with handlers that never end, without waiting for them. */
async function abandon(): Promise<void> {
  for (const one of closing)
    if ('ip' in one) {
      const announcement = one as Announcement
      await announcement.close({ timeoutMs: 1 }).catch(() => undefined)
    }
}

describe('a worker that dies with a call', () => {
  async function killed(registry: WorkerRegistry, options: object) {
    const connection = connect()
    const begun = Promise.withResolvers<void>()
    const handlers = {
      job: () => {
        begun.resolve()
        return never()
      },
    }
    await work('victim', handlers, { connection, heartbeatMs: 10 })
    await registry.waitFor(({ length }) => length === 1)
    const call = registry.dispatch('job', 1, options)
    call.catch(() => undefined)
    await begun.promise
    await kill(connection)
    return call
  }

  test('is named, with the time it was last seen', async () => {
    const registry = watch({ ttlMs: 60 })
    await expect(killed(registry, {})).rejects.toMatchObject({
      code: 'NO_WORKER',
      message: expect.stringMatching(
        /^Worker "victim", last seen 20\S+, had the call "job" and left without an answer. It may have done/,
      ),
    })
  })

  test('is replaced when the call may be done twice', async () => {
    const registry = watch({ ttlMs: 60 })
    await registry.start()
    const call = killed(registry, { idempotent: true })
    await registry.waitFor(({ length }) => length === 1)
    await work('heir', { job: (n) => `did ${n}` }, { heartbeatMs: 10 })
    expect(await call).toBe('did 1')
  })

  test('is not replaced more often than allowed', async () => {
    const registry = watch({ ttlMs: 60 })
    await expect(killed(registry, { idempotent: true, retries: 0 })).rejects.toMatchObject({
      code: 'NO_WORKER',
      message: expect.stringContaining('So had others before it'),
    })
  })
})

describe('a worker that closes', () => {
  test('finishes what it has begun, and is given nothing new', async () => {
    const registry = watch()
    const begun = Promise.withResolvers<void>()
    const end = Promise.withResolvers<string>()
    const closer = await work(
      'a',
      {
        job: () => {
          begun.resolve()
          return end.promise
        },
      },
      { concurrency: 1 },
    )
    await registry.waitFor(({ length }) => length === 1)
    const first = registry.dispatch('job')
    await begun.promise
    const waiting = registry.dispatch('job')
    const closed = closer.close()
    const [draining] = await registry.waitFor(([a]) => a?.takesRequests === false)
    expect(draining?.capabilities).toEqual([])
    await work('b', { job: () => 'by b' })
    expect(await waiting).toBe('by b')
    expect(await registry.dispatch('job')).toBe('by b')
    end.resolve('by a')
    expect(await first).toBe('by a')
    await closed
    await registry.waitFor((workers) => workers.every(({ ip }) => ip === 'b'))
  })

  test('leaves nothing behind', async () => {
    const registry = watch()
    const closer = await work('a', { ping: () => 'pong' })
    expect(await registry.dispatch('ping')).toBe('pong')
    await closer.close()
    expect(broker.find('worker_discovery.requests.a')).toBeUndefined()
    expect(await broker.bindings.lookup('worker_discovery.requests')).toEqual([])
    expect(await broker.bindings.lookup('worker_discovery.probe')).toEqual([])
  })

  test('does not wait for ever: its handlers are told, its callers too', async () => {
    const registry = watch({ ttlMs: 60 })
    const begun = Promise.withResolvers<AbortSignal>()
    const closer = await work('a', {
      job: (_payload, { signal }) => {
        begun.resolve(signal)
        return never()
      },
    })
    const call = registry.dispatch('job', 1, {})
    const signal = await begun.promise
    await expect(closer.close({ timeoutMs: 5 })).rejects.toMatchObject({ code: 'TIMED_OUT' })
    expect(signal.aborted).toBe(true)
    await expect(call).rejects.toMatchObject({ code: 'NO_WORKER' })
    expect(broker.find('worker_discovery.requests.a')).toBeUndefined()
  })
})

describe('a connection that is cut', () => {
  test('under the worker: the call is done once, and answered', async () => {
    const connection = connect()
    const registry = watch()
    const begun = Promise.withResolvers<void>()
    const end = Promise.withResolvers<void>()
    let count = 0
    const job = async () => {
      count += 1
      begun.resolve()
      await end.promise
      return count
    }
    await work('a', { job, ping: () => 'pong' }, { connection })
    const call = registry.dispatch('job')
    await begun.promise
    connection.collect()
    await connection.ready()
    // By now the request has been delivered a second time.
    expect(await registry.dispatch('ping')).toBe('pong')
    end.resolve()
    expect(await call).toBe(1)
    expect(await registry.dispatch('ping')).toBe('pong')
    expect(count).toBe(1)
  })

  test('under the caller: the answer comes all the same', async () => {
    const connection = connect()
    const registry = new WorkerRegistry(connection)
    closing.push(registry)
    const begun = Promise.withResolvers<void>()
    const end = Promise.withResolvers<string>()
    await work('a', {
      job: () => {
        begun.resolve()
        return end.promise
      },
    })
    const call = registry.dispatch('job')
    await begun.promise
    connection.collect()
    end.resolve('done')
    expect(await call).toBe('done')
  })

  test('a queue that somebody deleted is there again with the next heartbeat', async () => {
    const announcement = await work('a', { ping: () => 'pong' })
    const registry = watch()
    expect(await registry.dispatch('ping')).toBe('pong')
    broker.remove('worker_discovery.requests.a')
    await broker.bindings.removeQueue('worker_discovery.requests.a')
    const call = registry.dispatch('ping', 1, { timeoutMs: 20 })
    await expect(call).rejects.toMatchObject({ code: 'NO_WORKER' })
    announcement.beat()
    await expect.poll(() => registry.dispatch('ping', 1, { timeoutMs: 20 }).catch(String)).toBe('pong') // biome-ignore format: one line
  })
})

test('a request that comes again after it was answered is not done again', async () => {
  let count = 0
  await work('a', { count: () => ++count }, { capabilities: ['unknown'] })
  const registry = watch()
  expect(await registry.dispatch('count')).toBe(1)
  const request = {
    exchange: 'worker_discovery.requests',
    routingKey: 'a',
    correlationId: 'the same',
    replyTo: 'somebody',
    headers: { capability: 'count' },
  }
  for (let round = 0; round < 3; round += 1) {
    await connect().producer().publish(null, request)
    // Answered after what came before it.
    expect(await registry.dispatch('unknown').catch(({ code }) => code)).toBe('REMOTE_ERROR')
  }
  expect(count).toBe(2)
})

test('what is no request is set aside', async () => {
  await work('a', { ping: () => 'pong' })
  const registry = watch()
  expect(await registry.dispatch('ping')).toBe('pong')
  const producer = connect().producer()
  const options = { exchange: 'worker_discovery.requests', routingKey: 'a' }
  await producer.publish('junk', options)
  await producer.publish('junk', { ...options, correlationId: '1', replyTo: 'x' })
  expect(await registry.dispatch('ping')).toBe('pong')
  await expect.poll(() => broker.find('dashi.quarantine')?.size).toBe(2)
  expect(warnings.splice(0)).toHaveLength(2)
})
