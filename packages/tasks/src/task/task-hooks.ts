/** What is called around a run, in the worker. What a hook throws is logged, and changes nothing. Celery's hooks of `Task`. */
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
