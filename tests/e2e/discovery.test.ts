import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Connection, WorkerRegistry } from '@dashi/messaging'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RedisServer, startRedis } from '../../tools/brokers/redis.ts'
import { UnavailableError } from '../../tools/services/broker.ts'

let redis: RedisServer | undefined
let missing = 'no Redis server was started'
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dashi-discovery-'))
  try {
    redis = await startRedis()
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error
    missing = error.message
  }
})

afterAll(async () => {
  await redis?.process.stop()
  await rm(folder, { recursive: true })
})

const workers: ChildProcess[] = []

afterAll(() => {
  for (const worker of workers) worker.kill('SIGKILL')
})

async function startWorker(url: string, ip: string): Promise<ChildProcess> {
  const worker = fork(join(import.meta.dirname, 'discovery-worker.ts'), [url, ip], {
    execArgv: ['--conditions=@dashi/source'],
  })
  workers.push(worker)
  const [message] = await once(worker, 'message')
  expect(message).toEqual({ ready: ip })
  return worker
}

describe.each(['sqlite', 'redis'])('over %s', (broker) => {
  function urlOf(name: string, skip: (reason: string) => never): string {
    if (broker === 'sqlite') return `sqla+sqlite:///${join(folder, name)}.db`
    return redis?.url ?? skip(missing)
  }

  test('a call is answered by another process', async ({ skip }) => {
    const url = urlOf('answer', skip)
    const worker = await startWorker(url, 'a')
    await using connection = new Connection(url)
    await using registry = new WorkerRegistry(connection)
    expect(await registry.dispatch('pid')).toBe(worker.pid)
    worker.send('close')
    const [code] = await once(worker, 'exit')
    expect(code).toBe(0)
    await registry.waitFor(({ length }) => length === 0, { timeoutMs: 5_000 })
  })

  test('a worker that is killed with a call is named, or replaced', async ({ skip }) => {
    const url = urlOf('kill', skip)
    await using connection = new Connection(url)
    await using registry = new WorkerRegistry(connection, { ttlMs: 1_000 })
    const victim = await startWorker(url, 'victim')
    await registry.waitFor(({ length }) => length === 1)
    const calls = [
      registry.dispatch('hang', 1),
      registry.dispatch('hang', 2, { idempotent: true, retries: 0 }),
    ]
    for (const call of calls) call.catch(() => undefined)
    await once(victim, 'message')
    victim.kill('SIGKILL')
    const replaced = registry.dispatch('finish', 3, { idempotent: true })
    for (const call of calls)
      await expect(call).rejects.toMatchObject({
        code: 'NO_WORKER',
        message: expect.stringMatching(/^Worker "victim" \(.*\), last seen 20/),
      })
    await startWorker(url, 'heir')
    expect(await replaced).toBe('heir did 3')
    expect(registry.workers().map(({ ip }) => ip)).toEqual(['heir'])
  })
})
