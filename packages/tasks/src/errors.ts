/**
 * Every error that Dashi's task layer raises on purpose.
 *
 * A subclass exists only where a caller acts differently on it, or where Celery has a class of that meaning; `code` tells
 * the cases apart. Messages say what failed, on which task, why, and what to do next.
 */

/** The closed list of reasons. Stable: code may be matched on and linked to. */
export type TaskErrorCode =
  /** No task of that name is known here. Celery's `NotRegistered`. */
  | 'NOT_REGISTERED'
  /** A message is not a task that can be run: malformed headers, body, dates. Celery's `InvalidTaskError`. */
  | 'INVALID_TASK'
  /** The arguments do not fit the task: wrong number, or refused by its schema. */
  | 'BAD_ARGUMENTS'
  /** The task's function threw. */
  | 'TASK_FAILED'
  /** The task was revoked, had expired, or was terminated. Celery's `TaskRevokedError`. */
  | 'REVOKED'
  /** The task ran longer than its soft limit, and did not cope. Celery's `SoftTimeLimitExceeded`. */
  | 'SOFT_TIME_LIMIT_EXCEEDED'
  /** The task ran longer than its hard limit and was killed. Celery's `TimeLimitExceeded`. */
  | 'TIME_LIMIT_EXCEEDED'
  /** The child that ran the task died. Celery's `WorkerLostError`. */
  | 'WORKER_LOST'
  /** The task was retried as often as it may. Celery's `MaxRetriesExceededError`. */
  | 'MAX_RETRIES_EXCEEDED'
  /** A result did not come in time. Celery's `TimeoutError`. */
  | 'RESULT_TIMED_OUT'
  /** Results are not kept: no result store is configured. */
  | 'NO_RESULT_STORE'
  /** The result store refused, or cannot be reached. Celery's `BackendError`. */
  | 'RESULT_STORE_FAILED'
  /** Waiting for a result inside a task can stop a worker for ever. */
  | 'WOULD_DEADLOCK'
  /** No queue of that name, and missing ones are not to be created. Celery's `QueueNotFound`. */
  | 'QUEUE_NOT_FOUND'
  /** Arguments or a result cannot be serialized. */
  | 'NOT_ENCODABLE'
  /** A setting, option or name is wrong. Celery's `ImproperlyConfigured`. */
  | 'BAD_OPTION'
  /** Two tasks of one name. */
  | 'DUPLICATE_TASK'
  /** The app or the worker was closed. */
  | 'CLOSED'
  /** A signature does not match, or its certificate is not trusted. Celery's `SecurityError`. */
  | 'SECURITY'

const marker = Symbol.for('@dashi/tasks/error')

/** Base of all errors raised by the task layer on purpose. */
export class TaskError extends Error {
  readonly code: TaskErrorCode

  constructor(code: TaskErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.name = new.target.name
    Object.defineProperty(this, marker, { value: true })
  }

  /** True for errors of this family, from whichever copy of the package. */
  static is(value: unknown): value is TaskError {
    return value instanceof Error && marker in value
  }
}

/** A task message that cannot be run. The worker sets it aside with this reason, and goes on. */
export class InvalidTaskError extends TaskError {
  /** Its id, where the message tells: whoever waits for its result can be told. */
  readonly taskId: string | undefined
  /** Its name, where the message tells. */
  readonly taskName: string | undefined

  constructor(message: string, options: InvalidTaskOptions = {}) {
    super('INVALID_TASK', message, options)
    this.taskId = options.taskId
    this.taskName = options.taskName
  }
}

/** What is known of a task that cannot be run. */
export interface InvalidTaskOptions extends ErrorOptions {
  readonly taskId?: string | undefined
  readonly taskName?: string | undefined
}

/** A setting, option or name is wrong. */
export class ImproperlyConfiguredError extends TaskError {
  constructor(message: string, options?: ErrorOptions) {
    super('BAD_OPTION', message, options)
  }
}

/** Told by a bound task's `signal` when the soft limit has passed. */
export class SoftTimeLimitExceededError extends TaskError {
  constructor(message: string, options?: ErrorOptions) {
    super('SOFT_TIME_LIMIT_EXCEEDED', message, options)
  }
}

/** The task ran longer than its hard limit and was killed. */
export class TimeLimitExceededError extends TaskError {
  constructor(message: string, options?: ErrorOptions) {
    super('TIME_LIMIT_EXCEEDED', message, options)
  }
}

/** The child that ran the task died, or its worker was killed again and again. */
export class WorkerLostError extends TaskError {
  constructor(message: string, options?: ErrorOptions) {
    super('WORKER_LOST', message, options)
  }
}

/** The task was revoked, had expired, or was terminated. */
export class TaskRevokedError extends TaskError {
  constructor(message: string, options?: ErrorOptions) {
    super('REVOKED', message, options)
  }
}

/** The task was retried as often as it may. */
export class MaxRetriesExceededError extends TaskError {
  constructor(message: string, options?: ErrorOptions) {
    super('MAX_RETRIES_EXCEEDED', message, options)
  }
}

/**
 * What a task's function threw, rebuilt from its result: `type`, `module` and `args` as the thrower's language names them.
 * `cause` is the same for what caused it, where the result tells.
 */
export class TaskFailedError extends TaskError {
  /** Name of the class, e.g. `ValueError`. */
  readonly type: string
  /** Its module in Python; null when unknown. */
  readonly module: string | null
  /** What it was constructed with; for ours, the message. */
  readonly args: readonly unknown[]
  /** The stack of the thrower, if the result has it. */
  readonly traceback: string | undefined

  constructor(failure: TaskFailure, options?: ErrorOptions) {
    super('TASK_FAILED', failureText(failure), options)
    this.type = failure.type
    this.module = failure.module
    this.args = failure.args
    this.traceback = failure.traceback
  }
}

/** What is known of a failure. */
export interface TaskFailure {
  readonly type: string
  readonly module: string | null
  readonly args: readonly unknown[]
  readonly traceback?: string | undefined
}

function failureText({ type, args }: TaskFailure): string {
  const text = args.map((arg) => (typeof arg === 'string' ? arg : JSON.stringify(arg))).join(', ')
  return text === '' ? type : `${type}: ${text}`
}

/** Thrown by a task to end without a result: nothing is stored, nothing follows. Celery's `Ignore`. */
export class Ignore extends Error {
  override readonly name = 'Ignore'
}

/** Thrown by a task to reject its message: to the dead letters, or with `requeue` back to the queue. Celery's `Reject`. */
export class Reject extends Error {
  override readonly name = 'Reject'
  readonly requeue: boolean

  constructor(reason: string, options: { readonly requeue?: boolean } = {}) {
    super(reason)
    this.requeue = options.requeue ?? false
  }
}

/** What `task.retry()` returns to be thrown: the task is sent again, later. Celery's `Retry`. */
export class Retry extends Error {
  override readonly name = 'Retry'
  /** What went wrong this time. */
  readonly reason: unknown
  /** Unix time in milliseconds of the next attempt; `undefined` = at once. */
  readonly etaMs: number | undefined

  constructor(reason: unknown, etaMs: number | undefined) {
    super('The task is sent again')
    this.reason = reason
    this.etaMs = etaMs
  }
}
