import type { TaskRegistry } from '../../task/registered-task.ts'
import { checkPoolSize } from '../check-pool-size.ts'
import type { Job, JobOutcome, JobReports, Pool } from '../pool.ts'
import type { MakeChild } from './child-host.ts'
import type { AppModule } from './load-app.ts'
import { type ChildEnd, type ChildOwner, PoolChild, type Work } from './pool-child.ts'
import { RespawnPause } from './respawn-pause.ts'

/** How a pool of children is made. */
export interface ChildPoolOptions {
  /** The tasks as the worker knows them: their `throws` tell of which class an error is that comes from a child. */
  readonly registry: TaskRegistry
  /** Where children find the app. */
  readonly app: AppModule
  /** Children, each of which runs one job at a time. */
  readonly size: number
  /** A child is replaced after so many jobs. Default: never. */
  readonly maxTasksPerChild?: number | null | undefined
  /**
   * A child is replaced that uses more than this after a job: resident memory of a process, heap and buffers of a thread. Default:
   * never.
   */
  readonly maxMemoryPerChildBytes?: number | null | undefined
  /** Most that a child's heap may grow to, during a job too; more is its death. Default: V8's. */
  readonly maxHeapBytes?: number | undefined
  /** Longest time that a child may take to import the app. Default 60,000. */
  readonly startTimeoutMs?: number | undefined
  /** Told of children that died although nobody wanted it, and of those that do not start. */
  readonly onWarning: (message: string) => void
}

const stoppedReason = 'The worker was shut down'

/**
 * Runs jobs in children: one state machine for processes and threads.
 *
 * A child that was given its last job (`maxTasksPerChild`) gets its successor at that moment; one that uses too much memory
 * works on until its successor is ready. One that died is replaced at once; if children die again and again without a job, after
 * growing pauses. Jobs wait here while there is no child for them.
 */
export class ChildPool implements Pool {
  readonly name: 'threads' | 'processes'
  readonly #options: ChildPoolOptions
  readonly #owner: ChildOwner
  readonly #children = new Set<PoolChild>()
  readonly #free: PoolChild[] = []
  readonly #waiting: Work[] = []
  readonly #pause = new RespawnPause()
  readonly #allGone = Promise.withResolvers<void>()
  #size: number
  #runningCount = 0
  /** Children that are too many, and end after what they run. */
  readonly #dismissed = new WeakSet<PoolChild>()
  #isStarted = false
  /** Takes nothing any more. */
  #isStopping = false
  /** Children end. */
  #isEnding = false
  #onIdle: (() => void) | undefined

  /** @throws {ImproperlyConfiguredError} a size that is none. */
  constructor(name: 'threads' | 'processes', options: ChildPoolOptions, make: MakeChild) {
    this.name = name
    this.#options = options
    this.#size = checkPoolSize(options.size)
    this.#owner = {
      make,
      app: options.app,
      measuresMemory: typeof options.maxMemoryPerChildBytes === 'number',
      startTimeoutMs: options.startTimeoutMs ?? 60_000,
      onFree: (child) => this.#onFree(child),
      onGone: (child, end) => this.#onGone(child, end),
    }
  }

  get size(): number {
    return this.#size
  }

  get runningCount(): number {
    return this.#runningCount
  }

  /** Of processes; threads have none of their own. */
  get pids(): readonly number[] {
    if (this.name === 'threads') return []
    return [...this.#children].filter(({ state }) => state !== 'gone').map(({ pid }) => pid)
  }

  /** Resolves when all children have loaded the app. @throws what it threw in the first that failed; none is left then. */
  async start(): Promise<void> {
    try {
      await Promise.all(this.#spawnMissing())
      this.#isStarted = true
    } catch (error) {
      await this.stop('cold', AbortSignal.abort())
      throw error
    }
  }

  run(job: Job, reports: JobReports): Promise<JobOutcome> {
    if (this.#isStopping) return Promise.resolve({ kind: 'lost', reason: stoppedReason })
    this.#runningCount += 1
    const { promise, resolve } = Promise.withResolvers<JobOutcome>()
    const work: Work = {
      job,
      reports,
      knownErrors: this.#options.registry.get(job.request.task)?.options.throws ?? [],
      resolve: (outcome) => {
        this.#runningCount -= 1
        resolve(outcome)
        if (this.#runningCount === 0) this.#onIdle?.()
      },
      abortReason: undefined,
    }
    const child = this.#free.pop()
    if (child === undefined) this.#waiting.push(work)
    else this.#give(child, work)
    return promise
  }

  abort(taskId: string, reason: Error): boolean {
    const waiting = this.#waiting.filter(({ job }) => job.request.id === taskId)
    for (const work of waiting) work.abortReason = reason
    const children = this.#childrenOf(taskId)
    for (const child of children) child.abort(reason)
    return waiting.length + children.length > 0
  }

  terminate(taskId: string, signal: NodeJS.Signals): boolean {
    const waiting = this.#takeWaiting(({ job }) => job.request.id === taskId)
    for (const { resolve } of waiting) resolve({ kind: 'terminated', signal })
    const children = this.#childrenOf(taskId)
    for (const child of children) child.terminate(signal)
    return waiting.length + children.length > 0
  }

  /** Resolves when there are as many children. @throws what loading the app in a new one threw. */
  async resize(size: number): Promise<void> {
    this.#size = checkPoolSize(size)
    this.#dismissSurplus()
    await Promise.all(this.#spawnMissing())
  }

  async stop(how: 'warm' | 'cold', signal: AbortSignal): Promise<void> {
    this.#isStopping = true
    if (how === 'warm' && !signal.aborted) await this.#idle(signal)
    this.#endAll()
    if (this.#children.size > 0) await this.#allGone.promise
  }

  /** Resolves when nothing runs, or when nobody wants to wait any more. */
  async #idle(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const finish = () => resolve()
    signal.addEventListener('abort', finish, { once: true })
    this.#onIdle = finish
    if (this.#runningCount === 0) finish()
    await promise
    signal.removeEventListener('abort', finish)
  }

  /** Children that run something are killed, the others end in peace. */
  #endAll(): void {
    this.#isEnding = true
    this.#pause.end()
    const lost: JobOutcome = { kind: 'lost', reason: stoppedReason }
    for (const { resolve } of this.#takeWaiting(() => true)) resolve(lost)
    for (const child of this.#children) {
      if (child.state === 'free') child.close()
      else if (child.state !== 'ending') child.kill(lost)
    }
  }

  #give(child: PoolChild, work: Work): void {
    child.run(work)
    if (this.#isSpent(child)) this.#spawnMissing()
  }

  #onFree(child: PoolChild): void {
    if (child.runCount > 0) this.#pause.reset()
    if (this.#isEnding || this.#isSpent(child)) {
      child.close()
      this.#spawnMissing()
      return
    }
    const work = this.#waiting.shift()
    if (work === undefined) this.#free.push(child)
    else this.#give(child, work)
    if (this.#isWorn(child)) this.#spawnMissing()
    this.#dismissSurplus()
  }

  #onGone(child: PoolChild, end: ChildEnd): void {
    this.#children.delete(child)
    const index = this.#free.indexOf(child)
    if (index >= 0) this.#free.splice(index, 1)
    if (this.#isEnding) {
      if (this.#children.size === 0) this.#allGone.resolve()
      return
    }
    if (end.isUnexpected && end.wasLoaded) this.#options.onWarning(end.reason)
    if (end.isUnexpected && !end.hadJob) this.#pause.failed(() => this.#spawnMissing())
    this.#spawnMissing()
  }

  /** @returns when each of the new ones is ready. */
  #spawnMissing(): readonly Promise<void>[] {
    if (this.#isEnding || this.#pause.isPausing) return []
    const counting = [...this.#children].filter((child) => this.#counts(child)).length
    return Array.from({ length: Math.max(0, this.#size - counting) }, () => this.#spawn())
  }

  #spawn(): Promise<void> {
    const ready = this.#makeChild()
    ready.catch((error: unknown) => {
      if (this.#isStarted && !this.#isEnding) {
        this.#options.onWarning(`A child did not start: ${String(error)}`)
      }
    })
    return ready
  }

  /** The system may refuse, e.g. for want of files or memory. */
  #makeChild(): Promise<void> {
    try {
      const child = new PoolChild(this.#owner)
      this.#children.add(child)
      return child.ready
    } catch (error) {
      this.#pause.failed(() => this.#spawnMissing())
      return Promise.reject(error)
    }
  }

  /** Towards the size: those that are about to be replaced do not. */
  #counts(child: PoolChild): boolean {
    return isAlive(child) && !this.#isSpent(child) && !this.#isWorn(child)
  }

  /** It runs nothing any more after what it runs now. */
  #isSpent(child: PoolChild): boolean {
    const { maxTasksPerChild } = this.#options
    if (typeof maxTasksPerChild === 'number' && child.runCount >= maxTasksPerChild) return true
    return child.isSpoiled || this.#dismissed.has(child)
  }

  /** It is replaced when its successor is ready. */
  #isWorn({ memoryBytes }: PoolChild): boolean {
    const { maxMemoryPerChildBytes } = this.#options
    return typeof maxMemoryPerChildBytes === 'number' && memoryBytes > maxMemoryPerChildBytes
  }

  /** Worn ones first, then those that run nothing. */
  #dismissSurplus(): void {
    if (this.#children.size <= this.#size) return
    const usable = [...this.#children].filter(
      (child) => (child.state === 'free' || child.state === 'busy') && !this.#isSpent(child),
    )
    const rank = (child: PoolChild) =>
      (this.#isWorn(child) ? 0 : 2) + (child.state === 'free' ? 0 : 1)
    usable.sort((one, other) => rank(one) - rank(other))
    for (const child of usable.slice(0, Math.max(0, usable.length - this.#size))) {
      this.#dismissed.add(child)
      if (child.state !== 'free') continue
      this.#free.splice(this.#free.indexOf(child), 1)
      child.close()
    }
  }

  #takeWaiting(isWanted: (work: Work) => boolean): readonly Work[] {
    const taken = this.#waiting.filter(isWanted)
    const left = this.#waiting.filter((work) => !isWanted(work))
    this.#waiting.splice(0, this.#waiting.length, ...left)
    return taken
  }

  #childrenOf(taskId: string): readonly PoolChild[] {
    return [...this.#children].filter((child) => child.runs(taskId))
  }
}

function isAlive({ state }: PoolChild): boolean {
  return state !== 'ending' && state !== 'gone'
}
