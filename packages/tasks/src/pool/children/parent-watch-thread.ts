/** See `parent-watch.ts`. */
import { workerData } from 'node:worker_threads'

const intervalMs = 500

function isParentGone(): boolean {
  if (process.platform !== 'win32') return process.ppid !== workerData
  try {
    process.kill(Number(workerData), 0)
    return false
  } catch {
    return true
  }
}

setInterval(() => {
  if (isParentGone()) process.kill(process.pid, 'SIGKILL')
}, intervalMs)
