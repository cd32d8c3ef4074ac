import { App } from '@dashi/tasks'

const [broker = 'sqla+sqlite:///examples.db', backend = 'db+sqlite:///results.db'] =
  process.argv.slice(2)

export const app = new App('example', { broker, backend })

export const add = app.task(
  { name: 'example.add', params: ['x', 'y'] },
  (x: number, y: number) => x + y,
)

export const flaky = app.task(
  { name: 'example.flaky', bind: true, maxRetries: 3, defaultRetryDelayMs: 100 },
  (task, successAt: number) => {
    if (task.retries < successAt) throw task.retry({ reason: new Error('not yet') })
    return `succeeded after ${task.retries} retries`
  },
)
