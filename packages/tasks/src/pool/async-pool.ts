import {
  ImproperlyConfiguredError,
  TaskError,
  TaskRevokedError,
  TimeLimitExceededError,
} from '../errors.ts'
import { limitTimer } from '../task/limit-timer.ts'
import type { TaskRegistry } from '../task/registered-task.ts'
import { TaskRun } from '../task/task-run.ts'
import { checkPoolSize } from './check-pool-size.ts'
import { notRegistered } from './not-registered.ts'
import type { Job, JobOutcome, JobReports, Pool } from './pool.ts'

/** How a pool in the event loop is made. */
export interface AsyncPoolOptions {
  readonly registry: TaskRegistry
  readonly size: number
  /** `solo` is a pool of one, whatever `size` says. */
  readonly name?: 'async' | 'solo'
}

/**
 * Runs jobs concurrently in this event loop: right for tasks that wait for something else most of the time. A task that
 * computes holds up all others here; pools with children are for those.
 *
 * A function cannot be killed here. The hard limit, `terminate` and a cold stop abort its signal and end the run for everybody
 * else; what the function does after that, nobody hears. A function that blocks the loop ends when it ends.
 */
export class AsyncPool implements Pool {
  readonly name: 'async' | 'solo'
  /** None: there are no children. */
  readonly pids: readonly number[] = []
  readonly #registry: TaskRegistry
  /** Those that await something. */
  readonly #runs = new Set<TaskRun>()
  readonly #idle: (() => void)[] = []
  #synchronousCount = 0
  #size: number
  #isStopped = false

  /** @throws {ImproperlyConfiguredError} a size that is none. */
  constructor({ registry, size, name = 'async' }: AsyncPoolOptions) {
    this.name = name
    this.#registry = registry
    this.#size = name === 'solo' ? 1 : checkPoolSize(size)
  }

  get size(): number {
    return this.#size
  }

  get runningCount(): number {
    return this.#runs.size + this.#synchronousCount
  }

  async start(): Promise<void> {
    // There is nothing to be made ready.
  }

  run(job: Job, reports: JobReports): JobOutcome | Promise<JobOutcome> {
    if (this.#isStopped) return { kind: 'lost', reason: 'The pool was stopped' }
    const task = this.#registry.get(job.request.task)
    if (task === undefined) return notRegistered(job)
    const run = new TaskRun(task, job, reports)
    this.#synchronousCount += 1
    const outcome = run.start()
    this.#synchronousCount -= 1
    return outcome instanceof Promise ? this.#watch(run, outcome) : outcome
  }

  abort(taskId: string, reason: Error): boolean {
    return this.#eachOf(taskId, (run) => run.abort(reason))
  }

  terminate(taskId: string, signal: NodeJS.Signals): boolean {
    const reason = new TaskRevokedError(`terminated (${signal})`)
    return this.#eachOf(taskId, (run) => run.end({ kind: 'terminated', signal }, reason))
  }

  /** @throws {ImproperlyConfiguredError} (rejects) a size that is none, or more than one for a solo pool. */
  async resize(size: number): Promise<void> {
    checkPoolSize(size)
    if (this.name === 'solo' && size !== 1) {
      throw new ImproperlyConfiguredError(
        `A solo pool runs one task at a time, it cannot run ${size}. Use pool 'async', 'threads' or 'processes'`,
      )
    }
    this.#size = size
  }

  async stop(how: 'warm' | 'cold', signal: AbortSignal): Promise<void> {
    this.#isStopped = true
    const end = () => this.#endAll()
    if (how === 'cold' || signal.aborted) end()
    signal.addEventListener('abort', end, { once: true })
    while (this.#runs.size > 0) await new Promise<void>((resolve) => this.#idle.push(resolve))
    signal.removeEventListener('abort', end)
  }

  async #watch(run: TaskRun, outcome: Promise<JobOutcome>): Promise<JobOutcome> {
    this.#runs.add(run)
    const hard = armHardLimit(run)
    const ended = await outcome
    clearTimeout(hard)
    this.#runs.delete(run)
    if (this.#runs.size === 0) for (const tell of this.#idle.splice(0)) tell()
    return ended
  }

  #endAll(): void {
    const reason = new TaskError('CLOSED', 'The worker is shut down')
    for (const run of this.#runs) run.end({ kind: 'lost', reason: reason.message }, reason)
  }

  /** A message that was delivered twice may run twice. */
  #eachOf(taskId: string, act: (run: TaskRun) => void): boolean {
    const found = [...this.#runs].filter((run) => run.job.request.id === taskId)
    for (const run of found) act(run)
    return found.length > 0
  }
}

function armHardLimit(run: TaskRun): NodeJS.Timeout | undefined {
  const { hardTimeLimitMs: limitMs } = run.job
  if (limitMs === undefined) return undefined
  const reason = new TimeLimitExceededError(`TimeLimitExceeded(${limitMs / 1000})`)
  return limitTimer(limitMs, () => run.end({ kind: 'timeout', limitMs }, reason))
}
