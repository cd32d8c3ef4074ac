import { Ignore, Reject, Retry } from '../errors.ts'
import type { Job, JobOutcome, JobReports } from '../pool/pool.ts'
import { bindArguments } from './bind-arguments.ts'
import { callHook } from './call-hook.ts'
import type { RegisteredTask } from './registered-task.ts'
import { RunContext } from './run-context.ts'
import type { HookRun } from './task-hooks.ts'
import type { TaskOptions } from './task-options.ts'

/** What a run needs. */
export interface RunParts {
  readonly task: RegisteredTask
  readonly job: Job
  readonly reports: JobReports
  /** The signal of the run, made when it is asked for. */
  readonly signal: () => AbortSignal
}

/**
 * Runs a task's function, and its hooks around it. Whatever it does ends as an outcome.
 *
 * The outcome itself comes back, not a promise of it, when the function did not await anything: a promise per task would cost
 * as much as the rest.
 */
export function runTask(parts: RunParts): JobOutcome | Promise<JobOutcome> {
  const context = new RunContext(parts)
  try {
    const value = call(parts, context)
    if (!(value instanceof Promise)) return succeeded(parts, value)
    return value.then(
      (result: unknown) => succeeded(parts, result),
      (error: unknown) => ended(parts, context, error),
    )
  } catch (error) {
    return ended(parts, context, error)
  }
}

function call({ task, job, reports }: RunParts, context: RunContext): unknown {
  const { beforeStart, bind } = task.options
  const args = bindArguments(task, job.request.args, job.request.kwargs)
  reports.onStarted(process.pid)
  if (beforeStart) callHook(beforeStart, [hookRun(job)], reports)
  // What types the function wants is between its author and the caller; here are values off the wire.
  const run = task.run as (...given: readonly unknown[]) => unknown
  return bind ? run(context, ...args) : run(...args)
}

function succeeded({ task, job, reports }: RunParts, value: unknown): JobOutcome {
  const { onSuccess, afterReturn } = task.options
  if (onSuccess) callHook(onSuccess, [value, hookRun(job)], reports)
  if (afterReturn) callHook(afterReturn, ['SUCCESS', value, hookRun(job)], reports)
  return { kind: 'success', value }
}

function ended(parts: RunParts, context: RunContext, error: unknown): JobOutcome {
  if (error instanceof Ignore) return { kind: 'ignore' }
  if (error instanceof Reject) {
    return { kind: 'reject', reason: error.message, requeue: error.requeue }
  }
  if (error instanceof Retry) return retried(parts, context, error)
  if (!isRetried(parts.task.options, error)) return failed(parts, error)
  try {
    return retried(parts, context, context.retry({ reason: error }))
  } catch (exhausted) {
    return failed(parts, exhausted)
  }
}

function retried({ task, job, reports }: RunParts, context: RunContext, retry: Retry): JobOutcome {
  const { onRetry } = task.options
  if (onRetry) callHook(onRetry, [retry.reason, hookRun(job)], reports)
  return { kind: 'retry', retry: context.requestOf(retry) }
}

function failed({ task, job, reports }: RunParts, error: unknown): JobOutcome {
  const { onFailure, afterReturn } = task.options
  if (onFailure) callHook(onFailure, [error, hookRun(job)], reports)
  if (afterReturn) callHook(afterReturn, ['FAILURE', error, hookRun(job)], reports)
  return { kind: 'failure', error, traceback: error instanceof Error ? error.stack : undefined }
}

function isRetried({ autoretryFor, dontAutoretryFor = [] }: TaskOptions, error: unknown): boolean {
  if (autoretryFor === undefined) return false
  if (dontAutoretryFor.some((one) => error instanceof one)) return false
  if (typeof autoretryFor === 'function') return autoretryFor(error)
  return autoretryFor.some((one) => error instanceof one)
}

function hookRun({ request }: Job): HookRun {
  const { id, task, args, kwargs, retries } = request
  return { id, task, args, kwargs, retries }
}
