/** The thread that keeps a holder alive while the main thread runs handlers, however long those block it. Started by `holder.ts`. */
import { utimesSync, writeFileSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'

/** What the thread tells. */
export type HeartbeatEvent =
  | { readonly kind: 'ready' }
  | { readonly kind: 'lost'; readonly reason: string }

// It is started with nothing else.
const { files, leaseMs } = workerData as {
  readonly files: readonly string[]
  readonly leaseMs: number
}

let keptAtMs = performance.now()
for (const file of files) writeFileSync(file, '')
parentPort?.postMessage({ kind: 'ready' } satisfies HeartbeatEvent)

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
    const reason = isGone ? 'another session gave its messages back' : String(error)
    parentPort?.postMessage({ kind: 'lost', reason } satisfies HeartbeatEvent)
  }
}

const timer = setInterval(touch, leaseMs / 3)
