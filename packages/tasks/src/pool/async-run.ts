import { SoftTimeLimitExceededError } from '../errors.ts'
import type { RegisteredTask } from '../task/registered-task.ts'
import { runTask } from '../task/run-task.ts'
import type { Job, JobOutcome, JobReports } from './pool.ts'

/**
 * One run in this event loop. What it needs to be stopped is made when it is needed: the usual run has neither limit nor signal.
 *
 * A function cannot be killed here. The hard limit and `terminate` abort its signal and end the run for everybody else; what the
 * function does after that, nobody hears.
 */
export class AsyncRun {
  readonly #job: Job
  #controller: AbortController | undefined
  #ended: PromiseWithResolvers<JobOutcome> | undefined
  #soft: NodeJS.Timeout | undefined
  #hard: NodeJS.Timeout | undefined

  constructor(job: Job) {
    this.#job = job
  }

  start(task: RegisteredTask, reports: JobReports): JobOutcome | Promise<JobOutcome> {
    const signal = () => this.#abortController().signal
    const outcome = runTask({ task, job: this.#job, reports, signal })
    if (!(outcome instanceof Promise)) return outcome
    const ended = Promise.withResolvers<JobOutcome>()
    this.#ended = ended
    this.#limit()
    void outcome.then(ended.resolve)
    return ended.promise
  }

  /** Aborts the signal; the function may end in its own way. */
  abort(reason: Error): void {
    this.#abortController().abort(reason)
  }

  /** Ends the run now, whatever its function does. */
  end(outcome: JobOutcome, reason: Error): void {
    this.abort(reason)
    this.#ended?.resolve(outcome)
  }

  /** Called when the outcome is known. */
  clear(): void {
    clearTimeout(this.#soft)
    clearTimeout(this.#hard)
  }

  #abortController(): AbortController {
    this.#controller ??= new AbortController()
    return this.#controller
  }

  #limit(): void {
    const { softTimeLimitMs, hardTimeLimitMs, request } = this.#job
    const name = `${request.task}[${request.id}]`
    if (softTimeLimitMs !== undefined) {
      const reason = new SoftTimeLimitExceededError(
        `Soft time limit of ${softTimeLimitMs} ms passed for ${name}`,
      )
      this.#soft = setTimeout(() => this.abort(reason), softTimeLimitMs)
    }
    if (hardTimeLimitMs !== undefined) {
      const outcome: JobOutcome = { kind: 'timeout', limitMs: hardTimeLimitMs }
      const reason = new Error(`Hard time limit of ${hardTimeLimitMs} ms passed for ${name}`)
      this.#hard = setTimeout(() => this.end(outcome, reason), hardTimeLimitMs)
    }
  }
}
