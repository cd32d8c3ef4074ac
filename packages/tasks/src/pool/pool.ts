import type { TaskRequest } from '../protocol/task-request.ts'

/** One run of a task, as a pool gets it. Plain data: it may have to travel to another process. */
export interface Job {
  readonly request: TaskRequest
  /** From its delivery: queue, exchange, routing key, whether it was delivered before. */
  readonly deliveryInfo: Readonly<Record<string, unknown>>
  /** Name of the worker. */
  readonly hostname: string
  /** Limits that hold for this run: the message's, else the task's, else the setting's. */
  readonly softTimeLimitMs: number | undefined
  readonly hardTimeLimitMs: number | undefined
}

/** How a run ended. Values are not encoded yet. */
export type JobOutcome =
  | { readonly kind: 'success'; readonly value: unknown }
  /** It threw; `error` as the child can tell it. */
  | { readonly kind: 'failure'; readonly error: unknown; readonly traceback: string | undefined }
  /** To be sent again: what `task.retry()` asked for. */
  | { readonly kind: 'retry'; readonly retry: RetryRequest }
  | { readonly kind: 'ignore' }
  | { readonly kind: 'reject'; readonly reason: string; readonly requeue: boolean }
  /** Killed by the hard limit. */
  | { readonly kind: 'timeout'; readonly limitMs: number }
  /** Its child died, by whatever cause. */
  | { readonly kind: 'lost'; readonly reason: string }
  /** Stopped by `terminate`. */
  | { readonly kind: 'terminated'; readonly signal: string }

/** What a task asked for with `retry()`. */
export interface RetryRequest {
  readonly args: readonly unknown[]
  readonly kwargs: Readonly<Record<string, unknown>>
  /** Unix time in milliseconds; `undefined` = at once. */
  readonly etaMs: number | undefined
  readonly reason: unknown
  readonly traceback: string | undefined
  /** Further options of `applyAsync()`: queue, priority, headers, … */
  readonly options: Readonly<Record<string, unknown>>
}

/** What a running task tells its worker. */
export interface JobReports {
  /** The function begins; `pid` of whatever runs it. */
  onStarted(pid: number): void
  /** `task.updateState()`. */
  onState(state: string, meta: unknown): void
  /** A result that belongs to this task's children: `[[id, parent], null]`. */
  onChild(tuple: unknown): void
  /** `task.log`. */
  onLog(level: LogLevel, message: string, fields: Readonly<Record<string, unknown>>): void
}

/** As Celery names them, without the critical ones. */
export type LogLevel = 'debug' | 'info' | 'warning' | 'error'

/** Runs jobs. Never throws for what a job does: every end is an outcome. */
export interface Pool {
  readonly name: 'async' | 'threads' | 'processes' | 'solo'
  /** How many jobs it runs at a time. */
  readonly size: number
  readonly runningCount: number
  /** Pids of its children, for inspection. */
  readonly pids: readonly number[]
  /** Makes it ready. @throws what loading the app in a child threw. */
  start(): Promise<void>
  /**
   * Runs a job now; the caller keeps to `size`. The outcome itself, not a promise of it, when the function returned
   * without awaiting anything: no promise per task that nobody needs.
   */
  run(job: Job, reports: JobReports): JobOutcome | Promise<JobOutcome>
  /** Aborts the `signal` of a running job, with a reason. @returns whether it runs here. */
  abort(taskId: string, reason: Error): boolean
  /** Kills what runs a job (`terminated`); pools without children abort it. @returns whether it runs here. */
  terminate(taskId: string, signal: NodeJS.Signals): boolean
  /** Changes how many jobs it may run at a time; running ones are not disturbed. */
  resize(size: number): Promise<void>
  /**
   * Ends. `warm` waits for running jobs as long as the signal lets it, `cold` aborts or kills them at once; their
   * outcomes are `lost`.
   */
  stop(how: 'warm' | 'cold', signal: AbortSignal): Promise<void>
}
