/** Tasks for a worker with children, which import this module. The test says in the environment where the broker is. */
import { setTimeout as sleep } from 'node:timers/promises'
import { App } from '../../app/app.ts'
import type { Task } from '../../app/task.ts'
import type { TaskContext } from '../../task/task-context.ts'

// biome-ignore lint/style/noProcessEnv: what children inherit is how a test tells them
const url = process.env['DASHI_TEST_WORKER_URL'] ?? 'memory://'

export const app: App = new App('worker-test', { broker: url, backend: url })

export const pid: Task<[], number> = app.task('pid', () => process.pid)

export const waitAndTellPid: Task<[ms: number], Promise<number>> = app.task(
  'waitAndTellPid',
  (ms: number) => sleep(ms, process.pid),
)

export const killItself: Task<[], Promise<void>> = app.task('killItself', async () => {
  process.kill(process.pid, 'SIGKILL')
  await sleep(10_000)
})

/** The same, acknowledged before it begins. */
export const killItselfEarly: Task<[], Promise<void>> = app.task(
  { name: 'killItselfEarly', acksLate: false },
  async () => {
    process.kill(process.pid, 'SIGKILL')
    await sleep(10_000)
  },
)

export const tellFamily: Task<[], readonly (string | undefined)[]> = app.task(
  { name: 'tellFamily', bind: true },
  ({ request }: TaskContext) => [request.rootId, request.parentId],
)

/** Id of what it sent. */
export const sendOne: Task<[], Promise<string>> = app.task('sendOne', async () => {
  const { id } = await tellFamily.delay()
  return id
})
