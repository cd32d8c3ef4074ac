import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RedisServer, startRedis } from '../../../../tools/brokers/redis.ts'
import { WorkerLostError } from '../errors.ts'
import type { TaskLogger } from '../task/task-logger.ts'
import { Worker } from './worker.ts'

type WorkerApp = typeof import('./testing/worker-app.ts')

const appModule = { url: new URL('./testing/worker-app.ts', import.meta.url).href }
const timeoutMs = 20_000
let redis: RedisServer
let tasks: WorkerApp

beforeAll(async () => {
  redis = await startRedis()
  process.env['DASHI_TEST_WORKER_URL'] = redis.url
  tasks = await import('./testing/worker-app.ts')
})
afterAll(async () => {
  delete process.env['DASHI_TEST_WORKER_URL']
  await tasks?.app.close()
  await redis?.[Symbol.asyncDispose]()
})

describe.each(['processes', 'threads'] as const)('a worker with %s', (pool) => {
  let worker: Worker
  beforeAll(async () => {
    worker = new Worker(tasks.app, {
      pool,
      appModule,
      concurrency: 2,
      logger: loggerTo(() => undefined),
    })
    await worker.start()
  })
  afterAll(() => worker.stop())

  test('runs tasks elsewhere', async () => {
    const results = await Promise.all(Array.from({ length: 50 }, () => tasks.pid.delay()))
    const pids = new Set(await Promise.all(results.map((result) => result.get({ timeoutMs }))))
    expect(pids.has(process.pid)).toBe(pool === 'threads')
  })

  test('what a task sends there is its child', async () => {
    const sent = await tasks.sendOne.delay()
    const child = await sent.get({ timeoutMs })
    const family = await tasks.app.asyncResult(child).get({ timeoutMs })
    expect(family).toEqual([sent.id, sent.id])
    const children = await sent.children()
    expect(children.map(({ id }) => id)).toEqual([child])
  })
})

describe('children that are killed', () => {
  test('by their task: counted, then set aside, and the caller is told', async () => {
    const lines: string[] = []
    const logger = loggerTo((line) => lines.push(line))
    await using worker = new Worker(tasks.app, {
      pool: 'processes',
      appModule,
      concurrency: 1,
      logger,
    })
    await worker.start()
    const poison = await tasks.killItself.delay()
    const innocent = await tasks.pid.delay()

    const error = await poison.get({ timeoutMs }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(WorkerLostError)
    expect(String(error)).toContain('SIGKILL')
    const kills = lines.flatMap((line) => /again after kill (\d+)/.exec(line)?.[1] ?? [])
    expect(kills).toEqual(['1', '2', '3'])
    expect(await innocent.get({ timeoutMs })).toEqual(expect.any(Number))
    await worker.stop()

    const channel = tasks.app.connection.channel()
    const aside = await channel.get('dashi.quarantine')
    expect(aside?.headers).toMatchObject({
      id: poison.id,
      'x-dashi-kills': 3,
      'x-quarantine-reason': expect.stringContaining('SIGKILL'),
      'x-quarantine-queue': 'celery',
    })
    aside?.ack()
    expect(await channel.get('dashi.quarantine')).toBeUndefined()
    expect(await channel.get('celery')).toBeUndefined()
  })

  test('by a task that was acknowledged before: it is over, and the caller is told', async () => {
    const logger = loggerTo(() => undefined)
    await using worker = new Worker(tasks.app, {
      pool: 'processes',
      appModule,
      concurrency: 1,
      logger,
    })
    await worker.start()
    const lost = await tasks.killItselfEarly.delay()
    await expect(lost.get({ timeoutMs })).rejects.toBeInstanceOf(WorkerLostError)
    await worker.stop()

    const channel = tasks.app.connection.channel()
    expect(await channel.get('dashi.quarantine')).toBeUndefined()
    expect(await channel.get('celery')).toBeUndefined()
  })

  test('from outside: the task is done again by another child', async () => {
    const started = new EventTarget()
    const told = (line: string) => {
      if (line.includes('after kill 1')) started.dispatchEvent(new Event('killed'))
    }
    const logger = loggerTo(told)
    await using worker = new Worker(tasks.app, {
      pool: 'processes',
      appModule,
      concurrency: 1,
      logger,
    })
    await worker.start()
    const first = await (await tasks.pid.delay()).get({ timeoutMs })
    const result = await tasks.waitAndTellPid.delay(300)
    const killed = once(started, 'killed')
    await expect.poll(() => worker.runningCount).toBe(1)
    process.kill(first, 'SIGKILL')
    await killed
    expect(await result.get({ timeoutMs })).not.toBe(first)
    await worker.stop()
  })
})

function loggerTo(write: (line: string) => unknown): TaskLogger {
  return { debug: write, info: write, warn: write, error: write }
}
