import { json, MessagingError } from '@dashi/messaging'
import { Retry, TaskError, type TaskErrorCode, TaskFailedError } from '../errors.ts'
import { pythonRepr } from '../protocol/python-repr.ts'
import { type EncodedException, ownModule } from './encoded-exception.ts'

/** Causes of causes that are kept. */
const maxCauses = 8

/** Where Python finds the class that means the same. Celery and its pool raise these. */
const taskErrors: Readonly<Record<Exclude<TaskErrorCode, 'TASK_FAILED'>, string>> = {
  NOT_REGISTERED: 'celery.exceptions.NotRegistered',
  INVALID_TASK: 'celery.exceptions.InvalidTaskError',
  BAD_ARGUMENTS: 'builtins.TypeError',
  REVOKED: 'celery.exceptions.TaskRevokedError',
  SOFT_TIME_LIMIT_EXCEEDED: 'billiard.exceptions.SoftTimeLimitExceeded',
  TIME_LIMIT_EXCEEDED: 'billiard.exceptions.TimeLimitExceeded',
  WORKER_LOST: 'billiard.exceptions.WorkerLostError',
  MAX_RETRIES_EXCEEDED: 'celery.exceptions.MaxRetriesExceededError',
  RESULT_TIMED_OUT: 'celery.exceptions.TimeoutError',
  NO_RESULT_STORE: 'celery.exceptions.ImproperlyConfigured',
  RESULT_STORE_FAILED: 'celery.exceptions.BackendError',
  WOULD_DEADLOCK: 'builtins.RuntimeError',
  QUEUE_NOT_FOUND: 'celery.exceptions.QueueNotFound',
  NOT_ENCODABLE: 'kombu.exceptions.EncodeError',
  BAD_OPTION: 'celery.exceptions.ImproperlyConfigured',
  DUPLICATE_TASK: 'celery.exceptions.AlreadyRegistered',
  CLOSED: 'builtins.RuntimeError',
  SECURITY: 'celery.exceptions.SecurityError',
}

/** The language's own errors, and those of Node that say with `code` what they are. */
const builtins: Readonly<Record<string, string>> = {
  Error: 'builtins.Exception',
  AggregateError: 'builtins.Exception',
  EvalError: 'builtins.Exception',
  TypeError: 'builtins.TypeError',
  RangeError: 'builtins.ValueError',
  URIError: 'builtins.ValueError',
  SyntaxError: 'builtins.SyntaxError',
  ReferenceError: 'builtins.NameError',
  TimeoutError: 'builtins.TimeoutError',
  ETIMEDOUT: 'builtins.TimeoutError',
  ENOENT: 'builtins.FileNotFoundError',
  EEXIST: 'builtins.FileExistsError',
  EACCES: 'builtins.PermissionError',
  EPERM: 'builtins.PermissionError',
  EPIPE: 'builtins.BrokenPipeError',
  ECONNREFUSED: 'builtins.ConnectionRefusedError',
  ECONNRESET: 'builtins.ConnectionResetError',
  ECONNABORTED: 'builtins.ConnectionAbortedError',
}

/** Messaging's errors that Kombu has as well. */
const messagingErrors: Readonly<Record<string, string>> = {
  EncodeError: 'kombu.exceptions.EncodeError',
  DecodeError: 'kombu.exceptions.DecodeError',
  ContentDisallowedError: 'kombu.exceptions.ContentDisallowed',
  ConnectionError: 'kombu.exceptions.OperationalError',
}

/**
 * Whatever a task threw, as its result holds it. Python rebuilds a class it knows, or makes one of that name: the language's
 * own errors become the closest of Python's, ours become Celery's, classes of the user keep their names. What was rebuilt
 * from a result goes back as it was. Arguments that cannot be written become their `repr()`.
 */
export function encodeException(thrown: unknown): EncodedException {
  return encoded(thrown, maxCauses)
}

function encoded(thrown: unknown, causesLeft: number): EncodedException {
  if (thrown instanceof Retry) return encoded(thrown.reason, causesLeft)
  const exception = withoutCause(thrown)
  const cause = thrown instanceof Error ? thrown.cause : undefined
  if (cause === undefined || causesLeft === 0) return exception
  return { ...exception, exc_cause: encoded(cause, causesLeft - 1) }
}

function withoutCause(thrown: unknown): EncodedException {
  if (thrown instanceof TaskFailedError) {
    return named(thrown.type, thrown.module, thrown.args)
  }
  if (!(thrown instanceof Error)) {
    const value = typeof thrown === 'object' && thrown !== null ? thrown : String(thrown)
    return named('Exception', 'builtins', [value])
  }
  const path = pathOf(thrown)
  if (path === undefined) return named(classNameOf(thrown), ownModule, [thrown.message])
  const dot = path.lastIndexOf('.')
  return named(path.slice(dot + 1), path.slice(0, dot), argumentsOf(thrown))
}

function named(type: string, module: string | null, args: readonly unknown[]): EncodedException {
  return { exc_type: type, exc_message: args.map(writable), exc_module: module }
}

function pathOf(error: Error): string | undefined {
  if (TaskError.is(error)) return taskErrors[error.code as keyof typeof taskErrors]
  if (MessagingError.is(error)) return messagingErrors[error.name]
  const code: unknown = 'code' in error ? error.code : undefined
  const ofSystem = typeof code === 'string' ? builtins[code] : undefined
  return ofSystem ?? builtins[classNameOf(error)]
}

/** A limit's class has the seconds as its argument, as billiard raises it. */
function argumentsOf(error: Error): readonly unknown[] {
  const seconds = /^(?:Soft)?TimeLimitExceeded\((\d+(?:\.\d+)?)?,?\)$/.exec(error.message)
  if (seconds === null) return [error.message]
  return seconds[1] === undefined ? [] : [Number(seconds[1])]
}

/** Its own name where it has one, otherwise its class's. */
export function classNameOf(error: Error): string {
  const own = error.name !== 'Error' ? error.name : error.constructor.name
  return typeof own === 'string' && own !== '' ? own : 'Error'
}

function writable(value: unknown): unknown {
  try {
    json.encode(value)
    return value
  } catch (error) {
    if (MessagingError.is(error)) return pythonRepr(value)
    throw error
  }
}
