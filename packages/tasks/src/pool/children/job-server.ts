import { inspect } from 'node:util'
import { TaskError } from '../../errors.ts'
import type { BrandedApp } from '../../task/app-brand.ts'
import { asTask } from '../../task/current-task.ts'
import { TaskRun } from '../../task/task-run.ts'
import { notRegistered } from '../not-registered.ts'
import type { JobOutcome, JobReports } from '../pool.ts'
import type { FromChild, ToChild } from './child-messages.ts'
import { thrownData, thrownFromData } from './error-data.ts'
import { markInsideChild } from './inside-child.ts'
import { type JobData, jobFromData } from './job-data.ts'
import { type AppModule, loadApp } from './load-app.ts'
import { outcomeData } from './outcome-data.ts'
import { valueData } from './value-data.ts'

/** Longest time that closing the app may take before a child ends. */
const closeTimeoutMs = 2_000

/** What a child is, beside what it runs. */
export interface ChildProcessor {
  /** @throws what cannot be cloned. */
  post(message: FromChild): void
  /** What `maxMemoryPerChildBytes` is held against. */
  memoryBytes(): number
  /** Dies by this signal, unless the task's code handles it. */
  die(signal: NodeJS.Signals): void
  /** Ends. */
  exit(): void
}

/** The inside of a child: runs the jobs it is given, one at a time. */
export class JobServer {
  readonly #child: ChildProcessor
  #app: BrandedApp | undefined
  #measuresMemory = false
  #run: TaskRun | undefined
  #runNumber = 0

  constructor(child: ChildProcessor) {
    this.#child = child
    markInsideChild()
  }

  receive(message: ToChild): void {
    switch (message.type) {
      case 'load':
        this.#measuresMemory = message.measuresMemory
        void this.#load(message.app)
        return
      case 'run':
        this.#start(message.run, message.job)
        return
      case 'abort':
        if (message.run === this.#runNumber) this.#abort(thrownFromData(message.reason))
        return
      case 'terminate':
        this.#abort(thrownFromData(message.reason))
        this.#child.die(message.signal)
        return
      case 'stop':
        void this.#stop()
        return
      default:
        message satisfies never
    }
  }

  async #load(module: AppModule): Promise<void> {
    try {
      this.#app = await loadApp(module)
      this.#child.post({ type: 'ready' })
    } catch (error) {
      this.#child.post({ type: 'failed', error: thrownData(error) })
    }
  }

  #abort(reason: unknown): void {
    if (reason instanceof Error) this.#run?.abort(reason)
  }

  #start(number: number, data: JobData): void {
    const job = jobFromData(data)
    this.#runNumber = number
    const task = this.#app?.registry.get(job.request.task)
    if (task === undefined) {
      this.#end(number, notRegistered(job))
      return
    }
    const reports = this.#reports(number)
    const run = new TaskRun(task, job, reports)
    this.#run = run
    const { id, rootId } = job.request
    const outcome = asTask({ id, rootId, onChild: reports.onChild }, () => run.start())
    if (outcome instanceof Promise) void outcome.then((ended) => this.#end(number, ended))
    else this.#end(number, outcome)
  }

  #end(number: number, outcome: JobOutcome): void {
    const told = {
      type: 'outcome',
      run: number,
      memoryBytes: this.#measuresMemory ? this.#child.memoryBytes() : undefined,
      isAbandoned: this.#run?.isAbandoned ?? false,
    } as const
    this.#run = undefined
    try {
      this.#child.post({ ...told, outcome: outcomeData(outcome) })
    } catch (error) {
      const failure = {
        kind: 'failure',
        error: notPostable(`What the task ended with (${outcome.kind})`, error),
        traceback: undefined,
      } as const
      this.#child.post({ ...told, outcome: outcomeData(failure) })
    }
  }

  #reports(run: number): JobReports {
    return {
      // The pool told it when it handed over the job.
      onStarted: () => undefined,
      onState: (state, meta) => this.#tell({ type: 'state', run, state, meta: valueData(meta) }),
      onChild: (tuple) => this.#tell({ type: 'child', run, tuple: valueData(tuple) }),
      onLog: (level, message, fields) => {
        const told = { type: 'log', run, level, message } as const
        try {
          this.#child.post({ ...told, fields })
        } catch {
          // A log line about something that cannot be cloned is better than none.
          this.#child.post({ ...told, fields: inspected(fields) })
        }
      },
    }
  }

  /** @throws {TaskError} `NOT_ENCODABLE`, to the task that told it. */
  #tell(message: FromChild): void {
    try {
      this.#child.post(message)
    } catch (error) {
      throw notPostable(`What the task told (${message.type})`, error)
    }
  }

  async #stop(): Promise<void> {
    const timer = setTimeout(() => this.#child.exit(), closeTimeoutMs)
    try {
      await this.#app?.close?.()
    } finally {
      clearTimeout(timer)
      this.#child.exit()
    }
  }
}

function notPostable(what: string, cause: unknown): TaskError {
  const why = (cause instanceof Error ? cause.message : String(cause)).replace(/\.$/, '')
  return new TaskError('NOT_ENCODABLE', `${what} cannot leave its child: ${why}. Use plain data`, {
    cause,
  })
}

function inspected(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, inspect(value, { depth: 2 })]),
  )
}
