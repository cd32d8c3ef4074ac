/** Deadlines: every wait ends. */
import { TimeoutError } from './errors.ts'

/** What bounds a wait. */
export interface DeadlineOptions {
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
  /** What did not happen in time, for the message: `Declaring queue "orders"`. */
  readonly what: string
}

/**
 * The promise, or the end of patience.
 *
 * @throws {TimeoutError} after `timeoutMs`; `signal.reason` when aborted first. The work may still complete.
 */
export async function withDeadline<T>(promise: Promise<T>, options: DeadlineOptions): Promise<T> {
  const { timeoutMs, signal, what } = options
  const cut = Promise.withResolvers<never>()
  const timer = setTimeout(() => cut.reject(timedOut(what, timeoutMs)), timeoutMs)
  const abort = () => cut.reject(signal?.reason)
  signal?.addEventListener('abort', abort, { once: true })
  // Raced all the same, so that what the promise says later is not unhandled.
  if (signal?.aborted) abort()
  try {
    return await Promise.race([cut.promise, promise])
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
  }
}

function timedOut(what: string, timeoutMs: number): TimeoutError {
  return new TimeoutError(
    `${what} was not done within ${timeoutMs} ms. The broker may be overloaded, blocked or unreachable`,
  )
}
