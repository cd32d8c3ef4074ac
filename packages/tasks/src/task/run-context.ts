import { MaxRetriesExceededError, TaskError } from '../errors.ts'
import type { LogLevel, RetryRequest } from '../pool/pool.ts'
import type { TaskRequest } from '../protocol/task-request.ts'
import { tracebackText } from '../result/traceback-text.ts'
import { RequestedRetry } from './requested-retry.ts'
import { retryDelayMs } from './retry-delay.ts'
import type { RetryOptions, TaskContext } from './task-context.ts'
import type { TaskLogger } from './task-logger.ts'
import type { TaskRun } from './task-run.ts'

const defaultMaxRetries = 3

/** The context of one run. What it offers is made when it is asked for. */
export class RunContext implements TaskContext {
  readonly #run: TaskRun
  readonly calledDirectly: boolean

  constructor(run: TaskRun, calledDirectly = false) {
    this.#run = run
    this.calledDirectly = calledDirectly
  }

  get id(): string {
    return this.request.id
  }

  get name(): string {
    return this.#run.task.name
  }

  get retries(): number {
    return this.request.retries
  }

  get request(): TaskRequest {
    return this.#run.job.request
  }

  get deliveryInfo(): Readonly<Record<string, unknown>> {
    return this.#run.job.deliveryInfo
  }

  get hostname(): string {
    return this.#run.job.hostname
  }

  get signal(): AbortSignal {
    return this.#run.signal
  }

  get log(): TaskLogger {
    const { reports } = this.#run
    const at =
      (level: LogLevel) =>
      (message: string, fields: Readonly<Record<string, unknown>> = {}) =>
        reports.onLog(level, `${this.name}[${this.id}]: ${message}`, fields)
    return { debug: at('debug'), info: at('info'), warn: at('warning'), error: at('error') }
  }

  updateState(state: string, meta: unknown = null): void {
    // The outcome has been told: what the function left behind must not overwrite it.
    if (!this.#run.isEnded) this.#run.reports.onState(state, meta)
  }

  retry(options: RetryOptions = {}): RequestedRetry {
    const { reason } = options
    // As in Celery: there is no message to send again.
    if (this.calledDirectly && reason instanceof Error) throw reason
    const maxRetries = this.#maxRetries(options)
    if (maxRetries !== null && this.retries >= maxRetries) {
      throw reason instanceof Error ? reason : this.#exceeded(maxRetries, reason)
    }
    return new RequestedRetry(this.#request(options))
  }

  #maxRetries(options: RetryOptions): number | null {
    if (options.maxRetries !== undefined) return options.maxRetries
    const { maxRetries = defaultMaxRetries } = this.#run.task.options
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
      traceback: tracebackText(reason),
      options: { ...others, ...(expiresMs === undefined ? {} : { expires: expiresMs }) },
    }
  }

  #etaMs(countdownMs: number | undefined): number | undefined {
    const pauseMs = countdownMs ?? retryDelayMs(this.#run.task.options, this.retries)
    return pauseMs > 0 ? Date.now() + pauseMs : undefined
  }

  #exceeded(maxRetries: number, reason: unknown): MaxRetriesExceededError {
    return new MaxRetriesExceededError(
      `Cannot retry ${this.name}[${this.id}]: it was retried ${this.retries} times, and its "maxRetries" is ${maxRetries}`,
      reason === undefined ? {} : { cause: reason },
    )
  }
}
