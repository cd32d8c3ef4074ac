/** Waiting for something, with an end. */
import { setTimeout as sleep } from 'node:timers/promises'

/** What bounds a wait. */
export interface PatienceOptions {
  /** What did not happen in time. */
  readonly what: string
  /** Default 5000: what every recovery is promised within. */
  readonly timeoutMs?: number
}

/** The promise, or an error when it takes too long. */
export async function within<T>(promise: Promise<T>, options: PatienceOptions): Promise<T> {
  const { what, timeoutMs = 5_000 } = options
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => late.reject(new Error(`${what} did not happen within ${timeoutMs} ms`)),
    timeoutMs,
  )
  try {
    return await Promise.race([promise, late.promise])
  } finally {
    clearTimeout(timer)
  }
}

/** Asks until the answer is yes: for what a broker does by itself and tells nobody. */
export async function eventually(
  check: () => Promise<boolean>,
  options: PatienceOptions,
): Promise<void> {
  const { what, timeoutMs = 5_000 } = options
  const until = performance.now() + timeoutMs
  while (!(await check())) {
    if (performance.now() > until) throw new Error(`${what} did not happen within ${timeoutMs} ms`)
    await sleep(10)
  }
}

/** The error of a promise that has to reject. */
export async function rejection(promise: Promise<unknown>): Promise<Error> {
  try {
    await within(promise, { what: 'A rejection', timeoutMs: 15_000 })
  } catch (error) {
    if (error instanceof Error) return error
    throw new Error(`Rejected with ${String(error)}, which is no error`, { cause: error })
  }
  throw new Error('The operation succeeded, and had to be refused')
}
