/** What runs in a child process of `ProcessPool`: the only thing this file is for. Its argument is the parent's pid. */
import type { FromChild, ToChild } from './child-messages.ts'
import { JobServer } from './job-server.ts'
import { watchParent } from './parent-watch.ts'

/**
 * Whole process groups get these when a terminal or a service manager stops the worker. When children end is the worker's
 * decision: a warm shutdown waits for them.
 */
const leftToTheWorker: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP']

for (const signal of leftToTheWorker) process.on(signal, () => undefined)
process.once('disconnect', () => process.exit(0))
watchParent(Number(process.argv[2]))

const post = (message: FromChild) => {
  process.send?.(message)
}

process.on('uncaughtExceptionMonitor', (error: unknown) => {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  post({ type: 'lastWords', text })
})

const server = new JobServer({
  post,
  memoryBytes: () => process.memoryUsage.rss(),
  die: (signal) => {
    const isHandled = process.listenerCount(signal) > (leftToTheWorker.includes(signal) ? 1 : 0)
    if (!isHandled) process.kill(process.pid, 'SIGKILL')
  },
  exit: () => process.exit(0),
})
// Nobody but the pool has the other end.
process.on('message', (message) => server.receive(message as ToChild))
