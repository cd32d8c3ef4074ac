import { TaskError } from '../errors.ts'
import type { TaskRegistry } from '../task/registered-task.ts'
import { AsyncRun } from './async-run.ts'
import type { Job, JobOutcome, JobReports, Pool } from './pool.ts'

/** How a pool in the event loop is made. */
export interface AsyncPoolOptions {
  readonly registry: TaskRegistry
  readonly size: number
  /** `solo` is a pool of one. */
  readonly name?: 'async' | 'solo'
}

/**
 * Runs jobs concurrently in this event loop: right for tasks that wait for something else most of the time. A task that
 * computes holds up all others here; pools with children are for those.
 */
export class AsyncPool implements Pool {
  readonly name: 'async' | 'solo'
  readonly pids: readonly number[] = [process.pid]
  readonly #registry: TaskRegistry
  readonly #runs = new Map<Job, AsyncRun>()
  readonly #idle: (() => void)[] = []
  #size: number

  constructor({ registry, size, name = 'async' }: AsyncPoolOptions) {
    this.name = name
    this.#registry = registry
    this.#size = name === 'solo' ? 1 : size
  }

  get size(): number {
    return this.#size
  }

  get runningCount(): number {
    return this.#runs.size
  }

  async start(): Promise<void> {
    // There is nothing to be made ready.
  }

  run(job: Job, reports: JobReports): JobOutcome | Promise<JobOutcome> {
    const task = this.#registry.get(job.request.task)
    if (task === undefined) return notRegistered(job)
    const run = new AsyncRun(job)
    this.#runs.set(job, run)
    const outcome = run.start(task, reports)
    if (outcome instanceof Promise) return outcome.then((ended) => this.#ended(job, run, ended))
    return this.#ended(job, run, outcome)
  }

  abort(taskId: string, reason: Error): boolean {
    const found = this.#runsOf(taskId)
    for (const run of found) run.abort(reason)
    return found.length > 0
  }

  terminate(taskId: string, signal: NodeJS.Signals): boolean {
    const found = this.#runsOf(taskId)
    const reason = new Error(`Task ${taskId} was terminated (${signal})`)
    for (const run of found) run.end({ kind: 'terminated', signal }, reason)
    return found.length > 0
  }

  async resize(size: number): Promise<void> {
    if (this.name !== 'solo') this.#size = size
  }

  async stop(how: 'warm' | 'cold', signal: AbortSignal): Promise<void> {
    const end = () => this.#endAll()
    if (how === 'cold' || signal.aborted) end()
    signal.addEventListener('abort', end, { once: true })
    while (this.#runs.size > 0) await new Promise<void>((resolve) => this.#idle.push(resolve))
    signal.removeEventListener('abort', end)
  }

  #ended(job: Job, run: AsyncRun, outcome: JobOutcome): JobOutcome {
    run.clear()
    this.#runs.delete(job)
    if (this.#runs.size === 0) for (const tell of this.#idle.splice(0)) tell()
    return outcome
  }

  #endAll(): void {
    const reason = new Error('The worker is shut down')
    for (const run of this.#runs.values()) run.end({ kind: 'lost', reason: reason.message }, reason)
  }

  #runsOf(taskId: string): readonly AsyncRun[] {
    const found: AsyncRun[] = []
    for (const [job, run] of this.#runs) if (job.request.id === taskId) found.push(run)
    return found
  }
}

function notRegistered({ request }: Job): JobOutcome {
  const error = new TaskError('NOT_REGISTERED', `No task "${request.task}" is registered here`)
  return { kind: 'failure', error, traceback: undefined }
}
