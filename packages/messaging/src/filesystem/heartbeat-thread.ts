/** The thread that keeps a holder alive while the main thread runs handlers, however long those block it. Started by `holder.ts`. */
import { utimesSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'

// It is started with nothing else.
const { files, leaseMs } = workerData as {
  readonly files: readonly string[]
  readonly leaseMs: number
}

let keptAtMs = performance.now()

function touch(): void {
  try {
    const now = new Date()
    for (const file of files) utimesSync(file, now, now)
    keptAtMs = performance.now()
  } catch (error) {
    const isGone = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    // Anything else may pass; until the lease is over nobody else thinks that we are dead.
    if (!isGone && performance.now() - keptAtMs < leaseMs) return
    clearInterval(timer)
    parentPort?.postMessage(isGone ? 'another session gave its messages back' : String(error))
  }
}

const timer = setInterval(touch, leaseMs / 3)
