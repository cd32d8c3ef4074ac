import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Connection } from '@dashi/messaging'
import { afterEach, describe, expect, test } from 'vitest'
import { App } from '../app/app.ts'
import type { AppOptions } from '../configuration/settings.ts'
import { TaskError } from '../errors.ts'
import { memoryResults } from '../result/stores/memory-results.ts'
import { recordingLogger } from './testing/recording-logger.ts'
import { Worker } from './worker.ts'
import type { WorkerOptions } from './worker-options.ts'

const open: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]()
})

const inTime = { timeoutMs: 5_000 }

/** An app with a broker and results of its own. */
function makeApp(options: AppOptions = {}): App {
  const app = new App('test', {
    broker: `memory://${randomUUID()}`,
    backend: memoryResults(),
    ...options,
  })
  open.push(app)
  return app
}

async function startWorker(app: App, options: WorkerOptions = {}) {
  const logger = recordingLogger()
  const worker = new Worker(app, { concurrency: 2, logger, ...options })
  open.push(worker)
  await worker.start()
  return { worker, logger }
}

/** Somebody else on the same broker. */
function outsider(app: App): Connection {
  const connection = new Connection(app.settings.brokerUrl)
  open.push(connection)
  return connection
}

async function quarantined(app: App) {
  const queue = outsider(app).simpleQueue('dashi.quarantine')
  return await queue.get({ timeoutMs: 5_000 })
}

describe('a task', () => {
  test('runs, and its caller gets what it returns', async () => {
    const app = makeApp()
    const add = app.task('add', async (x: number, y: number) => x + y)
    const { logger } = await startWorker(app)
    const result = await add.delay(1, 2)
    expect(await result.get(inTime)).toBe(3)
    expect(logger.lines).toEqual([
      expect.stringMatching(/^info Connected to memory:/),
      expect.stringMatching(/^info celery@.* ready\.$/),
      `info Task add[${result.id}] received`,
      expect.stringMatching(new RegExp(`^info Task add\\[${result.id}\\] succeeded in .*s: 3$`)),
    ])
  })

  test('that throws is a failure there, with its class and message', async () => {
    const app = makeApp()
    const fail = app.task('fail', (text: string) => {
      throw new RangeError(text)
    })
    await startWorker(app)
    const result = await fail.delay('too far')
    await expect(result.get(inTime)).rejects.toThrow('too far')
    expect(await result.traceback()).toContain('worker.test.ts')
  })

  test('is tried again after a pause, as one and the same task, until it may no more', async () => {
    const app = makeApp()
    const tries: string[] = []
    const flaky = app.task(
      { name: 'flaky', bind: true, maxRetries: 2, defaultRetryDelayMs: 10 },
      (task) => {
        tries.push(`${task.id} ${task.retries}`)
        throw task.retry({ reason: new Error('again') })
      },
    )
    await startWorker(app)
    const result = await flaky.delay()
    await expect(result.get(inTime)).rejects.toThrow('again')
    expect(tries).toEqual([`${result.id} 0`, `${result.id} 1`, `${result.id} 2`])
  })

  test('calls sent at once to a new queue arrive in their order', async () => {
    const app = makeApp()
    const ran: number[] = []
    const note = app.task('note', (n: number) => void ran.push(n))
    const numbers = Array.from({ length: 20 }, (_, n) => n)
    const results = await Promise.all(numbers.map((n) => note.applyAsync([n], { queue: 'new' })))
    await startWorker(app, { queues: ['new'], concurrency: 1 })
    for (const result of results) await result.get(inTime)
    expect(ran).toEqual(numbers)
  })

  test('sends others as its children', async () => {
    const app = makeApp()
    const child = app.task({ name: 'child', bind: true }, (task) => [
      task.request.parentId,
      task.request.rootId,
    ])
    const parent = app.task('parent', async () => (await child.delay()).id)
    await startWorker(app)
    const result = await parent.delay()
    const childResult = app.asyncResult(await result.get(inTime))
    expect(await childResult.get(inTime)).toEqual([result.id, result.id])
    const children = await result.children()
    expect(children.map(({ id }) => id)).toEqual([childResult.id])
  })

  test('whose result cannot be told is a failure that says so', async () => {
    const app = makeApp()
    const odd = app.task('odd', () => new Map())
    await startWorker(app)
    const result = await odd.delay()
    await expect(result.get(inTime)).rejects.toThrow(/Map/)
  })

  test('without a result leaves none', async () => {
    const app = makeApp()
    const done = Promise.withResolvers<void>()
    const quiet = app.task({ name: 'quiet', ignoreResult: true }, () => done.resolve())
    await startWorker(app)
    const { id } = await quiet.delay()
    await done.promise
    expect(await app.results.load(id)).toBeUndefined()
  })

  test('waits for its time, without keeping others waiting', async () => {
    const app = makeApp()
    const ran: string[] = []
    const note = app.task('note', (name: string) => {
      ran.push(name)
      return Date.now()
    })
    await startWorker(app, { prefetchMultiplier: 1, concurrency: 1 })
    const eta = new Date(Date.now() + 1_000)
    const late = await Promise.all(['a', 'b', 'c'].map((name) => note.applyAsync([name], { eta })))
    await (await note.delay('now')).get(inTime)
    for (const result of late) {
      expect(await result.get(inTime)).toBeGreaterThanOrEqual(eta.getTime())
    }
    expect(ran).toEqual(['now', 'a', 'b', 'c'])
  })

  test("has the settings' limits if it has none of its own", async () => {
    const app = makeApp({ taskTimeLimitMs: 50 })
    const forever = app.task('forever', () => new Promise<never>(() => undefined))
    await startWorker(app)
    const result = await forever.delay()
    await expect(result.get(inTime)).rejects.toMatchObject({ code: 'TIME_LIMIT_EXCEEDED' })
  })

  test('that has expired is revoked', async () => {
    const app = makeApp()
    const echo = app.task('echo', (value: string) => value)
    const result = await echo.applyAsync(['x'], { expires: new Date(Date.now() - 1_000) })
    await startWorker(app)
    await expect(result.get(inTime)).rejects.toMatchObject({ code: 'REVOKED' })
  })
})

describe('a message that is no task', () => {
  test('is set aside with its reason, its caller is told, and the worker goes on', async () => {
    const app = makeApp()
    const add = app.task('add', (x: number, y: number) => x + y)
    await startWorker(app)
    const producer = outsider(app).producer({ routingKey: 'celery' })
    await producer.publish('{"not": "a task"}', { headers: { task: 'add', id: 'no-body' } })
    await expect(app.asyncResult('no-body').get(inTime)).rejects.toThrow(/add\[no-body\]/)
    const message = await quarantined(app)
    expect(message.headers).toMatchObject({ 'x-quarantine-code': 'INVALID_TASK', task: 'add' })
    expect(await (await add.delay(1, 2)).get(inTime)).toBe(3)
  })

  test('nor one of a task that is not known here', async () => {
    const app = makeApp()
    await startWorker(app)
    const result = await app.sendTask('nobody.knows')
    await expect(result.get(inTime)).rejects.toMatchObject({ code: 'NOT_REGISTERED' })
    const message = await quarantined(app)
    expect(message.headers).toMatchObject({ 'x-quarantine-code': 'NOT_REGISTERED' })
  })
})

describe('the end of a worker', () => {
  test('warm: what runs ends, what has not begun goes to others', async () => {
    const app = makeApp()
    const gate = Promise.withResolvers<string>()
    const started = Promise.withResolvers<void>()
    const wait = app.task('wait', () => {
      started.resolve()
      return gate.promise
    })
    const { worker } = await startWorker(app, { concurrency: 1 })
    const [first, second] = [await wait.delay(), await wait.delay()]
    await started.promise
    const stopped = worker.stop()
    const other = await startWorker(app, { concurrency: 1 })
    gate.resolve('done')
    await stopped
    expect(await first.get(inTime)).toBe('done')
    expect(await second.get(inTime)).toBe('done')
    expect(other.logger.lines).toContain(`info Task wait[${second.id}] received`)
  })

  test('cold: what runs is told to end, and goes to others', async () => {
    const app = makeApp()
    const started = Promise.withResolvers<void>()
    let runs = 0
    const wait = app.task({ name: 'wait', bind: true }, async (task) => {
      runs += 1
      if (runs > 1) return 'by another'
      started.resolve()
      await sleep(60_000, undefined, { signal: task.signal })
      return 'never'
    })
    const { worker } = await startWorker(app)
    const result = await wait.delay()
    await started.promise
    await worker.stop('cold')
    await startWorker(app)
    expect(await result.get(inTime)).toBe('by another')
  })

  test('a worker starts once', async () => {
    const { worker } = await startWorker(makeApp())
    await expect(worker.start()).rejects.toThrow(TaskError)
  })
})

test('results wait for their store, and are not lost', async () => {
  const store = memoryResults()
  let failures = 2
  const app = makeApp({
    backend: {
      ...store,
      open: (context) => {
        const session = store.open(context)
        const storeMeta = session.store.bind(session)
        session.store = async (meta, address) => {
          failures -= 1
          if (failures >= 0) throw new Error('the store is down')
          await storeMeta(meta, address)
        }
        return session
      },
    },
  })
  const add = app.task('add', (x: number, y: number) => x + y)
  const { logger } = await startWorker(app)
  expect(await (await add.delay(1, 2)).get(inTime)).toBe(3)
  expect(logger.lines.filter((line) => line.includes('the store is down'))).toHaveLength(2)
})
