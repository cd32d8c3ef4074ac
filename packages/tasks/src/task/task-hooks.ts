/**
 * What is called around a run, where the function runs: in the worker, or in the child of its pool. Celery's hooks of `Task`.
 *
 * Hooks are awaited, their time counts as the task's. `onSuccess` and the others are called when the outcome is known, before it
 * is stored. What a hook throws is logged, and changes nothing. Runs that are ended from outside (the hard limit, `terminate`, a
 * lost child) and ones that end with `Ignore` or `Reject` have no more hooks.
 */
export interface TaskHooks {
  readonly beforeStart?: (run: HookRun) => unknown
  readonly onSuccess?: (result: unknown, run: HookRun) => unknown
  readonly onFailure?: (error: unknown, run: HookRun) => unknown
  readonly onRetry?: (reason: unknown, run: HookRun) => unknown
  /** After success and failure, not after a retry. */
  readonly afterReturn?: (state: string, result: unknown, run: HookRun) => unknown
}

/** Which run it is about. */
export interface HookRun {
  readonly id: string
  readonly task: string
  readonly args: readonly unknown[]
  readonly kwargs: Readonly<Record<string, unknown>>
  readonly retries: number
}
