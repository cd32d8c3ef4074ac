import { Ignore, Reject, Retry, TaskError } from '../errors.ts'
import type { Job, JobOutcome } from '../pool/pool.ts'
import { tracebackText } from '../result/traceback-text.ts'
import { callHook } from './call-hook.ts'
import { RequestedRetry } from './requested-retry.ts'
import type { HookRun } from './task-hooks.ts'
import type { TaskOptions } from './task-options.ts'
import type { TaskRun } from './task-run.ts'

/** An outcome, now or after what its hooks await. Never rejects. */
export type Ending = JobOutcome | Promise<JobOutcome>

/** The function returned. */
export function returned(run: TaskRun, value: unknown): Ending {
  const { onSuccess, afterReturn } = run.task.options
  const outcome: JobOutcome = { kind: 'success', value }
  if (onSuccess === undefined && afterReturn === undefined) return outcome
  return afterHooks(outcome, [
    () => onSuccess && callHook(onSuccess, [value, hookRun(run.job)], run.reports),
    () => afterReturn && callHook(afterReturn, ['SUCCESS', value, hookRun(run.job)], run.reports),
  ])
}

/** The function threw, or rejected. */
export function threw(run: TaskRun, error: unknown): Ending {
  if (error instanceof Ignore) return { kind: 'ignore' }
  if (error instanceof Retry) return retried(run, () => requested(run, error))
  if (isRetried(run, error)) return retried(run, () => run.context.retry({ reason: error }))
  if (error instanceof Reject) {
    return { kind: 'reject', reason: error.message, requeue: error.requeue }
  }
  return failed(run, error)
}

function retried(run: TaskRun, ask: () => RequestedRetry): Ending {
  try {
    const { request } = ask()
    const { onRetry } = run.task.options
    const outcome: JobOutcome = { kind: 'retry', retry: request }
    if (onRetry === undefined) return outcome
    return afterHooks(outcome, [
      () => callHook(onRetry, [request.reason, hookRun(run.job)], run.reports),
    ])
  } catch (exhausted) {
    return failed(run, exhausted)
  }
}

/** One that `task.retry()` did not make has been held against no limit yet. */
function requested({ context }: TaskRun, retry: Retry): RequestedRetry {
  if (retry instanceof RequestedRetry) return retry
  const { reason, etaMs } = retry
  return context.retry({
    reason,
    ...(etaMs === undefined ? { countdownMs: 0 } : { eta: new Date(etaMs) }),
  })
}

/** A failure, told to the task's hooks. */
function failed(run: TaskRun, error: unknown): Ending {
  const { onFailure, afterReturn } = run.task.options
  const outcome: JobOutcome = { kind: 'failure', error, traceback: tracebackText(error) }
  if (onFailure === undefined && afterReturn === undefined) return outcome
  return afterHooks(outcome, [
    () => onFailure && callHook(onFailure, [error, hookRun(run.job)], run.reports),
    () => afterReturn && callHook(afterReturn, ['FAILURE', error, hookRun(run.job)], run.reports),
  ])
}

type HookCall = () => Promise<unknown> | undefined

/** One after the other; a promise only if one of them awaits something. */
function afterHooks(outcome: JobOutcome, [first, ...others]: readonly HookCall[]): Ending {
  if (first === undefined) return outcome
  const pending = first()
  return pending === undefined
    ? afterHooks(outcome, others)
    : pending.then(() => afterHooks(outcome, others))
}

function isRetried(run: TaskRun, error: unknown): boolean {
  const { autoretryFor, dontAutoretryFor = [] } = run.task.options
  if (autoretryFor === undefined) return false
  // The same arguments will not fit the next time either.
  if (TaskError.is(error) && error.code === 'BAD_ARGUMENTS') return false
  if (dontAutoretryFor.some((one) => error instanceof one)) return false
  if (typeof autoretryFor !== 'function') return autoretryFor.some((one) => error instanceof one)
  return callPredicate(run, autoretryFor, error)
}

function callPredicate(
  { reports }: TaskRun,
  predicate: Extract<TaskOptions['autoretryFor'], (error: unknown) => boolean>,
  error: unknown,
): boolean {
  try {
    return predicate(error)
  } catch (thrown) {
    reports.onLog('error', `"autoretryFor" threw, the task is not retried: ${String(thrown)}`, {})
    return false
  }
}

/** What hooks are told about a run. */
export function hookRun({ request }: Job): HookRun {
  const { id, task, args, kwargs, retries } = request
  return { id, task, args, kwargs, retries }
}
