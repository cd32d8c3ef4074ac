import { announce, Connection, WorkerRegistry } from '@dashi/messaging'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RedisServer, startRedis } from '../../tools/brokers/redis.ts'
import { UnavailableError } from '../../tools/services/broker.ts'
import { startProgram } from './printing-program.ts'
import { findPython, kombuReleases } from './python.ts'

let redis: RedisServer | undefined
let missing = 'no Redis server was started'

beforeAll(async () => {
  try {
    redis = await startRedis()
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error
    missing = error.message
  }
})

afterAll(() => redis?.process.stop())

type Skip = (reason: string) => never

describe.concurrent.each(kombuReleases)('with %s', (release) => {
  /** @param world A database: broadcasts do not cross from one to another. */
  function needs(skip: Skip, world: number) {
    const { path, reason } = findPython(release)
    const database = 2 * kombuReleases.indexOf(release) + world
    const url = new URL(`/${database}`, redis?.url ?? skip(missing)).href
    return { url, python: path ?? skip(reason) }
  }

  test('proxy.py lists our worker, and drops it when it says goodbye', async ({ skip }) => {
    const { url, python } = needs(skip, 0)
    await using proxy = await startProgram({ python, program: 'seed0_proxy.py', args: [url] })
    await proxy.waitFor(/listening for heartbeats/)
    await using connection = new Connection(url)
    const announcement = await announce(connection, {
      ip: '10.0.0.7',
      heartbeatMs: 200,
      handlers: { ping: () => 'pong' },
    })
    await proxy.waitFor(/\[\+\] Discovered\/Updated worker: 10\.0\.0\.7/)
    await proxy.waitFor(/Current Online: \['10\.0\.0\.7'\]/)
    await announcement.close()
    await proxy.waitFor(/\[-\] Worker 10\.0\.0\.7 timed out/)
    await proxy.waitFor(/Current Online: \[\]/)
  })

  test('our registry lists worker.py, and notices that it was killed', async ({ skip }) => {
    const { url, python } = needs(skip, 1)
    await using connection = new Connection(url)
    await using registry = new WorkerRegistry(connection, { ttlMs: 7_000 })
    const left = Promise.withResolvers<string>()
    registry.on('left', ({ worker, reason }) => left.resolve(`${worker.ip} ${reason}`))
    await registry.start()
    await using worker = await startProgram({ python, program: 'seed0_worker.py', args: [url] })
    const [seen] = await registry.waitFor(({ length }) => length === 1)
    expect(seen).toMatchObject({ id: '127.0.0.1', ip: '127.0.0.1', takesRequests: false })
    expect(Math.abs(Number(seen?.ts) - Date.now() / 1000)).toBeLessThan(5)
    // It says so again and again.
    await registry.waitFor(([again]) => again !== seen && again !== undefined)
    await worker.kill()
    expect(await left.promise).toBe('127.0.0.1 timeout')
  })
})
