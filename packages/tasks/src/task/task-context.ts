import type { Retry } from '../errors.ts'
import type { TaskRequest } from '../protocol/task-request.ts'
import type { TaskLogger } from './task-logger.ts'

/** What a bound task's function gets first: its run. Celery's `self` and `self.request`. */
export interface TaskContext {
  readonly id: string
  /** Name of the task. */
  readonly name: string
  readonly retries: number
  /** Everything that came with the call. */
  readonly request: TaskRequest
  /** From its delivery: queue, exchange, routingKey, redelivered. */
  readonly deliveryInfo: Readonly<Record<string, unknown>>
  /** Name of the worker; '' when called directly. */
  readonly hostname: string
  /** Called as a function, or eagerly: no worker is involved. */
  readonly calledDirectly: boolean
  /** Aborts when the soft limit has passed, the task was terminated, or its worker must stop; the reason says which. */
  readonly signal: AbortSignal
  /** Writes into the worker's log, with the task's name and id. */
  readonly log: TaskLogger
  /** Stores a state of its own, with whatever there is to tell. Does nothing after the end of the run. */
  updateState(state: string, meta?: unknown): void
  /**
   * Throw what it returns: the task is sent again, later. Throws by itself when the task was retried as often as it
   * may: `options.reason` if that is an error, otherwise `MaxRetriesExceededError`.
   *
   * @example
   * throw task.retry({ reason: error, countdownMs: 5_000 })
   */
  retry(options?: RetryOptions): Retry
}

/** How to retry. */
export interface RetryOptions {
  /** What went wrong. */
  readonly reason?: unknown
  /** Default: as before. */
  readonly args?: readonly unknown[]
  readonly kwargs?: Readonly<Record<string, unknown>>
  /** Pause. Default: as the task's options say. */
  readonly countdownMs?: number
  /** Not before; instead of `countdownMs`. */
  readonly eta?: Date
  /** Default: the task's. Null = for ever. */
  readonly maxRetries?: number | null
  readonly queue?: string
  readonly priority?: number
  readonly expiresMs?: number
  readonly timeLimitMs?: number
  readonly softTimeLimitMs?: number
  readonly headers?: Readonly<Record<string, unknown>>
}
