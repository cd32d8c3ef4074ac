/** What runs in a thread of `ThreadPool`: the only thing this file is for. */
import { parentPort } from 'node:worker_threads'
import type { ToChild } from './child-messages.ts'
import { JobServer } from './job-server.ts'

const server = new JobServer({
  post: (message) => parentPort?.postMessage(message),
  memoryBytes: () => {
    const { heapUsed, external } = process.memoryUsage()
    return heapUsed + external
  },
  // The pool ends the thread.
  die: () => undefined,
  exit: () => process.exit(0),
})
parentPort?.on('message', (message: ToChild) => server.receive(message))
