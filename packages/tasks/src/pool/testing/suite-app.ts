/** Tasks that behave in every way there is, for the suite of cases over all pools. Children import this module. */
import { setTimeout as sleep } from 'node:timers/promises'
import { isMainThread } from 'node:worker_threads'
import { Ignore, Reject } from '../../errors.ts'
import { appBrand, type BrandedApp } from '../../task/app-brand.ts'
import { TaskRegistry } from '../../task/registered-task.ts'
import type { TaskContext } from '../../task/task-context.ts'
import type { TaskOptions } from '../../task/task-options.ts'

/** An error of a user, with a field. */
export class HttpError extends Error {
  readonly status: number

  constructor(status: number, options?: ErrorOptions) {
    super(`HTTP ${status}`, options)
    this.status = status
  }
}

const registry = new TaskRegistry()
/** What a worker and its children import. */
export const app: BrandedApp = { [appBrand]: true, registry }

function task(
  name: string,
  run: (...args: never[]) => unknown,
  options: Partial<TaskOptions> = {},
): void {
  registry.add({ name, options: { name, ...options }, run })
}

const bind = { bind: true } as const

function spin(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}

task('nothing', () => undefined)
task('add', (x: number, y: number) => x + y)
task('addLater', async (x: number, y: number) => {
  await sleep(1)
  return x + y
})
task('echo', (value: unknown) => value)
task('wait', (ms: number) => sleep(ms, 'waited'))
task('never', () => new Promise(() => undefined))
task('waitForSignal', (self: TaskContext) => untilAborted(self.signal), bind)
task(
  'tellSignal',
  (self: TaskContext) => untilAborted(self.signal).catch((reason) => String(reason)),
  bind,
)
task('block', (ms: number) => {
  spin(ms)
  return 'blocked'
})
task('pid', () => process.pid)
task('fail', (text: string) => {
  throw new RangeError(text)
})
task(
  'failWithCause',
  () => {
    throw new HttpError(503, { cause: new TypeError('socket') })
  },
  { throws: [HttpError] },
)
task('throwText', () => {
  // biome-ignore lint/style/useThrowOnlyError: what is tested
  throw 'text'
})
task('ignore', () => {
  throw new Ignore()
})
task('reject', () => {
  throw new Reject('bad', { requeue: true })
})
task(
  'retry',
  (self: TaskContext, n: number) => {
    throw self.retry({ reason: new HttpError(429), args: [n + 1], countdownMs: 0, queue: 'slow' })
  },
  bind,
)
task(
  'report',
  (self: TaskContext) => {
    self.updateState('PROGRESS', { done: 1, at: new Date(0) })
    self.log.info('half', { of: 'it', fn: () => undefined })
    self.updateState('PROGRESS', { done: 2 })
    return 'done'
  },
  bind,
)
task('reportFunction', (self: TaskContext) => self.updateState('PROGRESS', () => undefined), bind)
task('function', () => () => undefined)
task('promiseInside', () => ({ inner: Promise.resolve(1) }))
task('exit', (code: number) => process.exit(code))
task('crash', () => {
  setTimeout(() => {
    throw new Error('out of the blue')
  })
  return sleep(10_000)
})
task('rejectUnheard', () => {
  void Promise.reject(new Error('unheard'))
  return sleep(10_000)
})
task('leaveBehind', () => {
  setTimeout(() => {
    throw new Error('left behind')
  }, 20)
})
task(
  'talkLater',
  (self: TaskContext, ms: number) => {
    setTimeout(() => self.log.info('late'), ms)
  },
  bind,
)
task('eatHeap', () => {
  const eaten: unknown[] = []
  for (;;) eaten.push(new Array(100_000).fill({}))
})
const kept: unknown[] = []
task('keep', (megabytes: number) => {
  for (let count = 0; count < megabytes; count += 1)
    kept.push('x'.repeat(512) + Math.random(), new Array(131_072).fill(1.5))
  return kept.length
})
task('trapTerm', () => {
  process.on('SIGTERM', () => undefined)
  spin(30_000)
})
let count = 0
task('count', () => {
  count += 1
  return [isMainThread ? process.pid : 0, count]
})

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}
