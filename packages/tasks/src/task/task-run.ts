import { SoftTimeLimitExceededError } from '../errors.ts'
import type { Job, JobOutcome, JobReports } from '../pool/pool.ts'
import { bindArguments } from './bind-arguments.ts'
import { callHook } from './call-hook.ts'
import { limitTimer } from './limit-timer.ts'
import type { RegisteredTask } from './registered-task.ts'
import { RunContext } from './run-context.ts'
import { type Ending, hookRun, returned, threw } from './run-outcome.ts'

/**
 * One run of a task's function in this thread, with its hooks and its soft limit. Whatever the function does ends as an
 * outcome; nothing is thrown. What a run needs to be stopped is made when it is needed: the usual one has neither limit nor signal.
 *
 * Soft limit: the signal aborts, and whoever asked for it may end in its own way, with a value too. If nobody asked, nobody can
 * cope: the run fails at once with `SoftTimeLimitExceededError`, and what the function does after that nobody hears. A function
 * that blocks its thread learns of the limit when it looks at `task.signal`.
 *
 * Hooks run here, beside the function, and are awaited; their time is the task's time. None is called for a run that was ended
 * from outside: by the hard limit, `terminate`, or a lost child.
 */
export class TaskRun {
  readonly task: RegisteredTask
  readonly job: Job
  readonly reports: JobReports
  #context: RunContext | undefined
  #controller: AbortController | undefined
  #reason: Error | undefined
  /** On the monotonic clock. */
  #softLimitAt: number | undefined
  #settle: ((outcome: Ending) => void) | undefined
  #isGoing = false
  #isEnded = false

  constructor(task: RegisteredTask, job: Job, reports: JobReports) {
    this.task = task
    this.job = job
    this.reports = reports
  }

  /** Made when the function wants it. */
  get context(): RunContext {
    this.#context ??= new RunContext(this)
    return this.#context
  }

  /** Of the context: made when it is asked for. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#reason !== undefined) this.#controller.abort(this.#reason)
    else if (this.#softLimitAt !== undefined && performance.now() >= this.#softLimitAt) {
      this.#passSoftLimit()
    }
    return this.#controller.signal
  }

  /** Whether its outcome is known. */
  get isEnded(): boolean {
    return this.#isEnded
  }

  /** Whether the function goes on although its run has ended. */
  get isAbandoned(): boolean {
    return this.#isGoing
  }

  /**
   * Runs it. The outcome itself comes back, not a promise of it, when nothing was awaited: a promise per task would cost as
   * much as the rest.
   */
  start(): JobOutcome | Promise<JobOutcome> {
    const { beforeStart } = this.task.options
    const { softTimeLimitMs } = this.job
    if (softTimeLimitMs !== undefined) this.#softLimitAt = performance.now() + softTimeLimitMs
    this.reports.onStarted(process.pid)
    const before = beforeStart && callHook(beforeStart, [hookRun(this.job)], this.reports)
    const ending =
      before === undefined ? this.#call() : before.then(() => this.#unlessEnded(() => this.#call()))
    if (ending instanceof Promise) return this.#watch(ending)
    this.#isEnded = true
    return ending
  }

  /** Aborts the signal; the function may end in its own way. */
  abort(reason: Error): void {
    this.#reason ??= reason
    this.#controller?.abort(this.#reason)
  }

  /** Ends a run that awaits something now, whatever its function does. */
  end(outcome: JobOutcome, reason: Error): void {
    this.abort(reason)
    this.#settleWith(outcome)
  }

  #call(): Ending {
    try {
      const value = this.#callFunction()
      if (!isThenable(value)) return returned(this, value)
      return Promise.resolve(value).then(
        (result: unknown) => this.#unlessEnded(() => returned(this, result)),
        (error: unknown) => this.#unlessEnded(() => threw(this, error)),
      )
    } catch (error) {
      return threw(this, error)
    }
  }

  #callFunction(): unknown {
    const { request } = this.job
    const args = bindArguments(this.task, request.args, request.kwargs)
    // What types the function wants is between its author and the caller; here are values off the wire.
    const run = this.task.run as (...given: readonly unknown[]) => unknown
    return this.task.options.bind ? run(this.context, ...args) : run(...args)
  }

  #watch(ending: Promise<JobOutcome>): Promise<JobOutcome> {
    const ended = Promise.withResolvers<JobOutcome>()
    this.#settle = ended.resolve
    this.#isGoing = true
    const soft = this.#armSoftLimit()
    void ending.then((outcome) => {
      this.#isGoing = false
      this.#isEnded = true
      clearTimeout(soft)
      ended.resolve(outcome)
    })
    return ended.promise
  }

  #armSoftLimit(): NodeJS.Timeout | undefined {
    if (this.#softLimitAt === undefined || this.#reason !== undefined) return undefined
    return limitTimer(this.#softLimitAt - performance.now(), () => this.#passSoftLimit())
  }

  #passSoftLimit(): void {
    if (this.#reason !== undefined) return
    const { request, softTimeLimitMs = 0 } = this.job
    const seconds = softTimeLimitMs / 1000
    const name = `${request.task}[${request.id}]`
    this.reports.onLog('warning', `Soft time limit (${seconds}s) exceeded for ${name}`, {})
    // As billiard prints it; results are made of the number.
    const error = new SoftTimeLimitExceededError(`SoftTimeLimitExceeded(${seconds})`)
    const isHeard = this.#controller !== undefined
    this.abort(error)
    if (!isHeard && this.#settle !== undefined) this.#settleWith(threw(this, error))
  }

  #settleWith(ending: Ending): void {
    this.#isEnded = true
    this.#settle?.(ending)
  }

  /** What an abandoned function comes to, nobody hears. */
  #unlessEnded(next: () => Ending): Ending {
    return this.#isEnded ? unheard : next()
  }
}

const unheard: JobOutcome = Object.freeze({ kind: 'ignore' })

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  )
}
