/** Deadlines: every wait ends. */
import { TimeoutError } from '../errors.ts'

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
  signal?.throwIfAborted()
  const cut = Promise.withResolvers<never>()
  const timer = setTimeout(() => cut.reject(timedOut(what, timeoutMs)), timeoutMs)
  const abort = () => cut.reject(signal?.reason)
  signal?.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([promise, cut.promise])
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

interface Waiting {
  readonly until: number
  readonly reject: (error: unknown) => void
  isDone: boolean
}

/** What a queue of deadlines tells its owner. */
export interface DeadlineReports {
  /** An operation succeeded in time. */
  onDone(): void
  /** The error for one that did not. */
  timedOut(): Error
}

/**
 * Deadlines for many operations of the same kind: one timer for all, nothing but a list entry for each.
 * A deadline may be late by `tickMs`.
 */
export class DeadlineQueue {
  readonly #timeoutMs: number
  readonly #tickMs: number
  readonly #reports: DeadlineReports
  #waiting: Waiting[] = []
  #start = 0
  #timer: NodeJS.Timeout | undefined

  constructor(timeoutMs: number, reports: DeadlineReports) {
    this.#timeoutMs = timeoutMs
    this.#tickMs = Math.max(10, Math.min(1000, timeoutMs / 4))
    this.#reports = reports
  }

  /** The same promise, bounded. */
  bound(promise: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const entry: Waiting = { until: performance.now() + this.#timeoutMs, reject, isDone: false }
      this.#waiting.push(entry)
      this.#timer ??= setTimeout(() => this.#tick(), this.#tickMs).unref()
      promise.then(
        () => {
          entry.isDone = true
          this.#reports.onDone()
          resolve()
        },
        (error: unknown) => {
          entry.isDone = true
          reject(error)
        },
      )
    })
  }

  #tick(): void {
    this.#timer = undefined
    const now = performance.now()
    let entry = this.#waiting[this.#start]
    while (entry && (entry.isDone || entry.until <= now)) {
      if (!entry.isDone) entry.reject(this.#reports.timedOut())
      this.#start += 1
      entry = this.#waiting[this.#start]
    }
    this.#waiting = this.#waiting.slice(this.#start)
    this.#start = 0
    if (this.#waiting.length > 0) this.#timer = setTimeout(() => this.#tick(), this.#tickMs).unref()
  }
}
