import {
  InvalidTaskError,
  MaxRetriesExceededError,
  SoftTimeLimitExceededError,
  TaskError,
  TaskFailedError,
  TaskRevokedError,
  TimeLimitExceededError,
  WorkerLostError,
} from '../errors.ts'

/** What else is known of a failure. */
export interface DecodeExceptionOptions {
  /** The thrower's stack, as text. */
  readonly traceback?: string | null | undefined
}

interface Failure {
  readonly type: string
  readonly module: string | null
  readonly args: readonly unknown[]
}

type ErrorMaker = (failure: Failure, options: ErrorOptions) => Error

/** Classes of Celery and its pool that are classes of ours, so that a caller can tell them. */
const knownErrors: Readonly<Record<string, ErrorMaker>> = {
  'celery.exceptions.TaskRevokedError': ({ args }, options) =>
    new TaskRevokedError(textOf(args, 'revoked'), options),
  'celery.exceptions.MaxRetriesExceededError': ({ args }, options) =>
    new MaxRetriesExceededError(textOf(args, 'Retried as often as it may'), options),
  'celery.exceptions.NotRegistered': ({ args }, options) =>
    new TaskError('NOT_REGISTERED', textOf(args, 'The task is not registered'), options),
  'celery.exceptions.InvalidTaskError': ({ args }, options) =>
    new InvalidTaskError(textOf(args, 'The task cannot be run'), options),
  'billiard.exceptions.SoftTimeLimitExceeded': (failure, options) =>
    new SoftTimeLimitExceededError(limitText(failure), options),
  'billiard.exceptions.TimeLimitExceeded': (failure, options) =>
    new TimeLimitExceededError(limitText(failure), options),
  'billiard.exceptions.WorkerLostError': ({ args }, options) =>
    new WorkerLostError(textOf(args, 'The worker was lost'), options),
}

/**
 * The error that a result in an exception state tells of, ours or Python's: `TaskRevokedError`, `TimeLimitExceededError` and
 * the like for what the task layer itself raises, {@link TaskFailedError} for everything else. `cause` is set where the result
 * has one.
 *
 * @param result What the meta holds. Anything is taken: what is no encoded exception becomes the argument of one.
 */
export function decodeException(result: unknown, options: DecodeExceptionOptions = {}): Error {
  const fields = fieldsOf(result)
  const failure = failureOf(fields, result)
  const cause = fields?.['exc_cause']
  const errorOptions = cause === undefined ? {} : { cause: decodeException(cause) }
  const make = knownErrors[`${failure.module}.${failure.type}`]
  if (make !== undefined) return make(failure, errorOptions)
  const traceback = options.traceback ?? undefined
  return new TaskFailedError({ ...failure, traceback }, errorOptions)
}

/** A mapping, or what Python's `dict()` makes one of. */
function fieldsOf(result: unknown): Readonly<Record<string, unknown>> | undefined {
  if (typeof result !== 'object' || result === null) return undefined
  if (!Array.isArray(result)) return result as Readonly<Record<string, unknown>> // Objects have keys.
  const isPairs = result.every((pair) => Array.isArray(pair) && pair.length === 2)
  return isPairs ? Object.fromEntries(result) : undefined
}

function failureOf(
  fields: Readonly<Record<string, unknown>> | undefined,
  result: unknown,
): Failure {
  const type = fields?.['exc_type']
  if (typeof type !== 'string') {
    const args = result === null || result === undefined ? [] : [result]
    return { type: 'Exception', module: null, args }
  }
  const module = fields?.['exc_module']
  const failure = {
    type,
    module: typeof module === 'string' ? module : null,
    args: argumentsOf(fields?.['exc_message']),
  }
  return type === 'UnpickleableExceptionWrapper' ? unwrapped(failure) : failure
}

function argumentsOf(message: unknown): readonly unknown[] {
  if (Array.isArray(message)) return message
  return message === null || message === undefined || message === '' ? [] : [message]
}

/** What Celery puts around an exception that cannot be pickled: module, class, arguments, text. */
function unwrapped(failure: Failure): Failure {
  const [module, type, args] = failure.args
  if (typeof type !== 'string' || !Array.isArray(args)) return failure
  return { type, module: typeof module === 'string' ? module : null, args }
}

function textOf(args: readonly unknown[], fallback: string): string {
  const text = args.map((arg) => (typeof arg === 'string' ? arg : JSON.stringify(arg))).join(', ')
  return text === '' ? fallback : text
}

/** As billiard prints it: `TimeLimitExceeded(1)`. */
function limitText({ type, args }: Failure): string {
  return typeof args[0] === 'string' ? args[0] : `${type}(${textOf(args, '')})`
}
