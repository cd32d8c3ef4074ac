/**
 * Waiting for SQLite's one write lock.
 *
 * SQLite's own busy handler sleeps up to 100 ms between tries and never gives way; this one tries
 * every few milliseconds, with jitter, and has a deadline.
 */

const busyCodes = new Set([5, 6])
const firstPauseMs = 0.2
const longestPauseMs = 8

const sleepCell = new Int32Array(new SharedArrayBuffer(4))

/** Blocks this thread. Never call it on a thread that serves anything else. */
export function sleepSync(ms: number): void {
  if (ms > 0) Atomics.wait(sleepCell, 0, 0, ms)
}

/** True for SQLITE_BUSY and SQLITE_LOCKED, with all their extended codes. */
export function isBusy(error: unknown): boolean {
  if (!(error instanceof Error) || !('errcode' in error)) return false
  return busyCodes.has(Number(error.errcode) & 0xff)
}

/** Repeats `work` until no other process is in its way, at most for `timeoutMs`; then throws what it threw. */
export function whenFree<Result>(timeoutMs: number, work: () => Result): Result {
  const deadline = performance.now() + timeoutMs
  let pauseMs = firstPauseMs
  for (;;) {
    try {
      return work()
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error
    }
    sleepSync(pauseMs * (0.5 + Math.random() / 2))
    pauseMs = Math.min(pauseMs * 1.5, longestPauseMs)
  }
}
