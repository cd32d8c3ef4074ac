/** Doing something again until it works: Kombu's `retry_over_time`. */

/** When to try again, and who is told. */
export interface RetryPolicy {
  /** Repetitions after the first try. Default: without limit (the deadline of each try still holds). */
  readonly maxRetries?: number | undefined
  /** First wait. Default 1000. */
  readonly intervalStartMs?: number | undefined
  /** Added at each further wait. Default 1000. */
  readonly intervalStepMs?: number | undefined
  /** Longest wait. Default 5000. */
  readonly intervalMaxMs?: number | undefined
  /** Told of each failure, with the wait that follows. */
  readonly errback?: ((error: Error, intervalMs: number) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/** The wait before repetition `retry` (0 = the first). Unlike Kombu's it never exceeds the maximum. Pure. */
export function retryIntervalMs(retry: number, policy: RetryPolicy): number {
  const { intervalStartMs = 1000, intervalStepMs = 1000, intervalMaxMs = 5000 } = policy
  return Math.min(intervalMaxMs, intervalStartMs + retry * intervalStepMs)
}

/** Calls `run` until it succeeds, fails for another reason than `isRetryable`, or retries are used up: then throws its last error. */
export async function retryOverTime<T>(
  run: () => Promise<T>,
  isRetryable: (error: unknown) => error is Error,
  policy: RetryPolicy = {},
): Promise<T> {
  const { maxRetries = Number.POSITIVE_INFINITY, errback, signal } = policy
  for (let retry = 0; ; retry += 1) {
    signal?.throwIfAborted()
    try {
      return await run()
    } catch (error) {
      if (!isRetryable(error) || retry >= maxRetries) throw error
      const intervalMs = retryIntervalMs(retry, policy)
      errback?.(error, intervalMs)
      await sleep(intervalMs, signal)
    }
  }
}

/** Waits. @throws `signal.reason` when aborted. */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  const over = Promise.withResolvers<void>()
  const timer = setTimeout(over.resolve, ms)
  const abort = () => over.reject(signal?.reason)
  signal?.addEventListener('abort', abort, { once: true })
  try {
    await over.promise
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
  }
}
