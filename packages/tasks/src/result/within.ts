import { TaskError } from '../errors.ts'

/** What bounds an operation of a store. */
export interface WithinOptions {
  readonly timeoutMs: number
  /** What did not happen in time, for the message: `Reading the result of task x`. */
  readonly what: string
}

/**
 * The promise, or the end of patience.
 *
 * @throws {TaskError} `RESULT_STORE_FAILED` after `timeoutMs`. The work may still complete.
 */
export async function within<Value>(
  promise: Promise<Value>,
  { timeoutMs, what }: WithinOptions,
): Promise<Value> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(timedOut(what, timeoutMs)), timeoutMs)
  try {
    return await Promise.race([late.promise, promise])
  } finally {
    clearTimeout(timer)
  }
}

function timedOut(what: string, timeoutMs: number): TaskError {
  return new TaskError(
    'RESULT_STORE_FAILED',
    `${what} was not done within ${timeoutMs} ms. The store may be overloaded or unreachable`,
  )
}
