import { TaskError, TaskRevokedError, WorkerLostError } from '../../errors.ts'
import { limitTimer } from '../../task/limit-timer.ts'
import type { ErrorClass } from '../../task/task-options.ts'
import type { Job, JobOutcome, JobReports } from '../pool.ts'
import type { ChildHost, MakeChild } from './child-host.ts'
import type { FromChild, ToChild } from './child-messages.ts'
import { thrownData, thrownFromData } from './error-data.ts'
import { jobData } from './job-data.ts'
import type { AppModule } from './load-app.ts'
import { outcomeFromData } from './outcome-data.ts'
import { valueFromData } from './value-data.ts'

/** A job that somebody waits for. */
export interface Work {
  readonly job: Job
  readonly reports: JobReports
  /** Classes that errors of this task are of. */
  readonly knownErrors: readonly ErrorClass[]
  readonly resolve: (outcome: JobOutcome) => void
  /** It is to be aborted; maybe before it began. */
  abortReason: Error | undefined
}

/** What a child's owner gives it and is told. */
export interface ChildOwner {
  readonly make: MakeChild
  readonly app: AppModule
  readonly measuresMemory: boolean
  readonly startTimeoutMs: number
  /** It can take a job: it was loaded, or its job has ended. */
  onFree(child: PoolChild): void
  /** It is gone. */
  onGone(child: PoolChild, end: ChildEnd): void
}

/** How a child came to its end. */
export interface ChildEnd {
  /** `Child process 12 exited with code 3` */
  readonly reason: string
  /** Nobody wanted it. */
  readonly isUnexpected: boolean
  readonly wasLoaded: boolean
  readonly hadJob: boolean
}

/** How long a job that is terminated has to tidy up, if it listens to its signal. */
const terminateMs = 1_000
/** How long a child has to end in peace: its app is closed. */
const closeMs = 3_000
/** How long what was killed may take to be gone: a thread in native code can take longer, nobody waits for it. */
const killedMs = 2_000

type State = 'starting' | 'free' | 'busy' | 'ending' | 'gone'

/** One child of a pool, and the job that it runs. */
export class PoolChild {
  /** Rejects with what loading the app threw, or how the child died before that. */
  readonly ready: Promise<void>
  readonly #owner: ChildOwner
  readonly #host: ChildHost
  readonly #loading = Promise.withResolvers<void>()
  readonly #startTimer: NodeJS.Timeout | undefined
  #state: State = 'starting'
  #work: Work | undefined
  #run = 0
  #memoryBytes = 0
  /** What its job comes to, once it was killed. */
  #verdict: JobOutcome | undefined
  #hardLimit: NodeJS.Timeout | undefined
  #deadline: NodeJS.Timeout | undefined
  #lastWords: string | undefined
  /** Its function went on after the end of its run: nobody knows what it does. */
  #isSpoiled = false
  #isLoaded = false
  #isCondemned = false

  constructor(owner: ChildOwner) {
    this.#owner = owner
    this.ready = this.#loading.promise
    this.#host = owner.make({
      onMessage: (message) => this.#receive(message),
      onExit: (how) => this.#gone(how),
    })
    this.#startTimer = limitTimer(owner.startTimeoutMs, () => this.#startTimedOut())
    this.#host.post({ type: 'load', app: owner.app, measuresMemory: owner.measuresMemory })
  }

  get pid(): number {
    return this.#host.pid
  }

  get state(): State {
    return this.#state
  }

  /** Jobs that it was given. */
  get runCount(): number {
    return this.#run
  }

  /** What it used at the end of its last job, if that is measured. */
  get memoryBytes(): number {
    return this.#memoryBytes
  }

  get isSpoiled(): boolean {
    return this.#isSpoiled
  }

  runs(taskId: string): boolean {
    return this.#work?.job.request.id === taskId
  }

  /** Runs a job; the child is free. */
  run(work: Work): void {
    const { job, reports } = work
    this.#run += 1
    try {
      this.#host.post({ type: 'run', run: this.#run, job: jobData(job) })
    } catch (error) {
      this.#owner.onFree(this)
      work.resolve({ kind: 'failure', error: notPostable(job, error), traceback: undefined })
      return
    }
    this.#state = 'busy'
    this.#work = work
    const { hardTimeLimitMs: limitMs } = job
    if (limitMs !== undefined) {
      this.#hardLimit = limitTimer(limitMs, () => this.kill({ kind: 'timeout', limitMs }))
    }
    reports.onStarted(this.pid)
    if (work.abortReason !== undefined) this.abort(work.abortReason)
  }

  /** Aborts the signal of its job. */
  abort(reason: Error): void {
    if (this.#state !== 'busy') return
    this.#post({ type: 'abort', run: this.#run, reason: thrownData(reason) })
  }

  /** Ends it with its job, which may tidy up for a moment if it listens to the signal. */
  terminate(signal: NodeJS.Signals): void {
    if (this.#state !== 'busy') return
    this.#condemn({ kind: 'terminated', signal }, terminateMs)
    const reason = new TaskRevokedError(`terminated (${signal})`)
    this.#post({ type: 'terminate', signal, reason: thrownData(reason) })
    this.#host.signal(signal)
  }

  /** Ends it at once. */
  kill(verdict: JobOutcome): void {
    if (this.#state === 'gone') return
    this.#condemn(verdict, 0)
  }

  /** Ends it in peace; it runs nothing. */
  close(): void {
    if (this.#state === 'gone' || this.#state === 'ending') return
    this.#condemn(undefined, closeMs)
    this.#post({ type: 'stop' })
  }

  #receive(message: FromChild): void {
    switch (message.type) {
      case 'ready':
        this.#loaded()
        return
      case 'failed':
        this.#loading.reject(thrownFromData(message.error))
        this.#host.kill()
        return
      case 'lastWords':
        this.#lastWords = message.text
        return
      default:
        // Of a job that has ended already: what it left behind talks on.
        if (message.run === this.#run && this.#state === 'busy') this.#receiveOfJob(message)
    }
  }

  #receiveOfJob(message: Extract<FromChild, { readonly run: number }>): void {
    const work = this.#work
    if (work === undefined) return
    switch (message.type) {
      case 'state':
        work.reports.onState(message.state, valueFromData(message.meta))
        return
      case 'child':
        work.reports.onChild(valueFromData(message.tuple))
        return
      case 'log':
        work.reports.onLog(message.level, message.message, message.fields)
        return
      case 'outcome':
        this.#memoryBytes = message.memoryBytes ?? 0
        this.#isSpoiled = message.isAbandoned
        this.#ended(work, outcomeFromData(message.outcome, work.knownErrors))
        return
      default:
        message satisfies never
    }
  }

  #loaded(): void {
    clearTimeout(this.#startTimer)
    if (this.#state !== 'starting') return
    this.#state = 'free'
    this.#isLoaded = true
    this.#loading.resolve()
    this.#owner.onFree(this)
  }

  #ended(work: Work, outcome: JobOutcome): void {
    clearTimeout(this.#hardLimit)
    this.#work = undefined
    this.#state = 'free'
    this.#owner.onFree(this)
    work.resolve(outcome)
  }

  #condemn(verdict: JobOutcome | undefined, afterMs: number): void {
    this.#verdict ??= verdict
    this.#state = 'ending'
    this.#isCondemned = true
    clearTimeout(this.#hardLimit)
    clearTimeout(this.#deadline)
    if (afterMs === 0) this.#killHost()
    else this.#deadline = limitTimer(afterMs, () => this.#killHost())
  }

  #killHost(): void {
    this.#host.kill()
    this.#deadline = limitTimer(killedMs, () => this.#gone('was killed and is not gone yet'))
  }

  #startTimedOut(): void {
    const { startTimeoutMs, app } = this.#owner
    this.#loading.reject(
      new WorkerLostError(
        `${this.#host.label} did not load ${app.url} within ${startTimeoutMs} ms (startTimeoutMs)`,
      ),
    )
    this.#killHost()
  }

  #gone(how: string): void {
    if (this.#state === 'gone') return
    this.#state = 'gone'
    for (const timer of [this.#startTimer, this.#hardLimit, this.#deadline]) clearTimeout(timer)
    const said = this.#lastWords === undefined ? '' : `: ${this.#lastWords}`
    const reason = `${this.#host.label} ${how}${said}`
    this.#loading.reject(new WorkerLostError(reason))
    const work = this.#work
    this.#work = undefined
    this.#owner.onGone(this, {
      reason,
      isUnexpected: !this.#isCondemned,
      wasLoaded: this.#isLoaded,
      hadJob: work !== undefined,
    })
    work?.resolve(this.#verdict ?? { kind: 'lost', reason })
  }

  /** Of what is plain data. */
  #post(message: ToChild): void {
    this.#host.post(message)
  }
}

function notPostable({ request }: Job, cause: unknown): TaskError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new TaskError(
    'NOT_ENCODABLE',
    `The call of ${request.task}[${request.id}] cannot be given to a child: ${why}`,
    { cause },
  )
}
