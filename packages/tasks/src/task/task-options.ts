import type { TaskHooks } from './task-hooks.ts'

/** What a task can be told about itself. Celery's attributes of `Task`, times in milliseconds. */
export interface TaskOptions extends TaskHooks {
  /** Unique in the app; by convention `<module>.<function>`. */
  readonly name: string
  /** The function's first argument is its {@link TaskContext}. Default false. */
  readonly bind?: boolean
  /**
   * Names of the parameters, so that keyword arguments from Python land in their places, and calls that do not fit are refused
   * (`BAD_ARGUMENTS`). A name that ends with `?`, or whose parameter has a default, may be left out. Without, keyword arguments
   * arrive as one last object and nothing is checked.
   */
  readonly params?: readonly string[]
  /** How often it may be retried; null = for ever. Default 3. */
  readonly maxRetries?: number | null
  /** Pause before a retry. Default 180,000. */
  readonly defaultRetryDelayMs?: number
  /** Errors that are retried without being asked: classes, or a function that tells. Default: none. */
  readonly autoretryFor?: readonly ErrorClass[] | ((error: unknown) => boolean)
  /** Errors that are not, although they match. */
  readonly dontAutoretryFor?: readonly ErrorClass[]
  /** Pauses double from this many milliseconds; true = from 1000. Default false: `defaultRetryDelayMs` each time. */
  readonly retryBackoff?: boolean | number
  /** Longest pause. Default 600,000. */
  readonly retryBackoffMaxMs?: number
  /** Spread pauses evenly between 0 and what they would be. Default true. */
  readonly retryJitter?: boolean
  /** `'10/s'`, `'10/m'`, `'10/h'`, or a number per second: per worker, as Celery's. */
  readonly rateLimit?: string | number
  readonly ignoreResult?: boolean
  /** Store errors although results are ignored. */
  readonly storeErrorsEvenIfIgnored?: boolean
  /** Acknowledge after the run. Default: the app's `taskAcksLate`, which is true. */
  readonly acksLate?: boolean
  /** Acknowledge failures too, when late; false = reject, to the dead letters. Default true. */
  readonly acksOnFailure?: boolean
  /** The same for the hard limit; false = back to the queue. Default true. */
  readonly acksOnTimeout?: boolean
  /** A killed child sends its task back to the queue, `maxKills` times. Default true. */
  readonly rejectOnWorkerLost?: boolean
  /** How often a message may take its child or worker with it before it goes to the dead letters. Default 3. */
  readonly maxKills?: number
  readonly trackStarted?: boolean
  readonly timeLimitMs?: number
  readonly softTimeLimitMs?: number
  readonly serializer?: string
  readonly compression?: string
  readonly priority?: number
  readonly queue?: string
  readonly exchange?: string
  readonly routingKey?: string
  readonly expiresMs?: number
  /** Errors that are expected: logged as information. */
  readonly throws?: readonly ErrorClass[]
}

/** A class of errors, for `instanceof`. */
export type ErrorClass = abstract new (...args: never[]) => unknown
