import { App, type Task } from '@dashi/tasks'

const [broker = 'sqla+sqlite:///examples.db', backend = 'db+sqlite:///results.db'] =
  process.argv.slice(2)

export const app: App = new App('example', { broker, backend })

export const add: Task<[x: number, y: number], number> = app.task(
  { name: 'example.add', params: ['x', 'y'] },
  (x: number, y: number) => x + y,
)

export const flaky: Task<[successAt: number], string> = app.task(
  { name: 'example.flaky', bind: true, maxRetries: 3, defaultRetryDelayMs: 100 },
  (task, successAt: number) => {
    if (task.retries < successAt) throw task.retry({ reason: new Error('not yet') })
    return `succeeded after ${task.retries} retries`
  },
)
