import { MaxRetriesExceededError, Retry, TaskError } from '../errors.ts'
import type { Job, JobReports, LogLevel, RetryRequest } from '../pool/pool.ts'
import type { TaskRequest } from '../protocol/task-request.ts'
import type { RegisteredTask } from './registered-task.ts'
import { retryDelayMs } from './retry-delay.ts'
import type { RetryOptions, TaskContext } from './task-context.ts'
import type { TaskLogger } from './task-logger.ts'

const defaultMaxRetries = 3

/** What a context is made of. */
export interface RunContextParts {
  readonly task: RegisteredTask
  readonly job: Job
  readonly reports: JobReports
  /** Called when the function asks for its signal. */
  readonly signal: () => AbortSignal
  readonly calledDirectly?: boolean
}

/** The context of one run. What it offers is made when it is asked for. */
export class RunContext implements TaskContext {
  readonly #parts: RunContextParts
  readonly #retries = new WeakMap<Retry, RetryRequest>()

  constructor(parts: RunContextParts) {
    this.#parts = parts
  }

  get id(): string {
    return this.request.id
  }

  get name(): string {
    return this.#parts.task.name
  }

  get retries(): number {
    return this.request.retries
  }

  get request(): TaskRequest {
    return this.#parts.job.request
  }

  get deliveryInfo(): Readonly<Record<string, unknown>> {
    return this.#parts.job.deliveryInfo
  }

  get hostname(): string {
    return this.#parts.job.hostname
  }

  get calledDirectly(): boolean {
    return this.#parts.calledDirectly ?? false
  }

  get signal(): AbortSignal {
    return this.#parts.signal()
  }

  get log(): TaskLogger {
    const { reports } = this.#parts
    const at =
      (level: LogLevel) =>
      (message: string, fields: Readonly<Record<string, unknown>> = {}) =>
        reports.onLog(level, `${this.name}[${this.id}]: ${message}`, fields)
    return { debug: at('debug'), info: at('info'), warn: at('warning'), error: at('error') }
  }

  updateState(state: string, meta: unknown = null): void {
    this.#parts.reports.onState(state, meta)
  }

  retry(options: RetryOptions = {}): Retry {
    const maxRetries = this.#maxRetries(options)
    if (maxRetries !== null && this.retries >= maxRetries) {
      throw options.reason instanceof Error ? options.reason : this.#exceeded(maxRetries)
    }
    const request = this.#request(options)
    const retry = new Retry(request.reason, request.etaMs)
    this.#retries.set(retry, request)
    return retry
  }

  /** What a thrown `Retry` asks for. One that was made elsewhere asks for the same call again. */
  requestOf(retry: Retry): RetryRequest {
    const { reason, etaMs } = retry
    return this.#retries.get(retry) ?? { ...this.#request({ reason }), etaMs }
  }

  #maxRetries(options: RetryOptions): number | null {
    if (options.maxRetries !== undefined) return options.maxRetries
    const { maxRetries = defaultMaxRetries } = this.#parts.task.options
    return maxRetries
  }

  #request(options: RetryOptions): RetryRequest {
    const { args, kwargs, eta, countdownMs, maxRetries: _, reason: given, ...call } = options
    const reason = given ?? new TaskError('TASK_FAILED', 'The task asked to be sent again')
    const { expiresMs, ...others } = call
    return {
      args: args ?? this.request.args,
      kwargs: kwargs ?? this.request.kwargs,
      etaMs: eta?.getTime() ?? this.#etaMs(countdownMs),
      reason,
      traceback: reason instanceof Error ? reason.stack : undefined,
      options: { ...others, ...(expiresMs === undefined ? {} : { expires: expiresMs }) },
    }
  }

  #etaMs(countdownMs: number | undefined): number | undefined {
    const pauseMs = countdownMs ?? retryDelayMs(this.#parts.task.options, this.retries)
    return pauseMs > 0 ? Date.now() + pauseMs : undefined
  }

  #exceeded(maxRetries: number): MaxRetriesExceededError {
    return new MaxRetriesExceededError(
      `Cannot retry ${this.name}[${this.id}]: it was retried ${maxRetries} times, which is its "maxRetries"`,
    )
  }
}
