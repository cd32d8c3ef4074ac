/**
 * A worker process, from the coordinator's side.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { WorkerReport } from '../report/table.ts'
import type { WorkerTask } from './jobs.ts'

/** How long a worker may take to end in order. */
const graceMs = 5_000

/** Started by `new`; `stop()` or `kill()` it. Ends by itself when the coordinator is gone. */
export class WorkerProcess {
  readonly task: WorkerTask
  readonly #child: ChildProcess
  /** Settles when the process has ended. */
  readonly ended: Promise<void>
  #handled = 0
  #end: string | undefined
  #isStopping = false

  constructor(task: WorkerTask) {
    this.task = task
    this.#child = fork(join(import.meta.dirname, 'worker.ts'), [JSON.stringify(task)], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    this.ended = this.#watchEnd()
  }

  get name(): string {
    return this.task.name
  }

  get isAlive(): boolean {
    return this.#end === undefined
  }

  /** To be called for each answer of the worker. */
  countHandled(): void {
    this.#handled += 1
  }

  /** Ends it as a power failure would. */
  kill(): void {
    this.#end = 'killed (SIGKILL)'
    this.#child.kill('SIGKILL')
  }

  /** Lets it end in order; kills it when that takes too long. Resolves when it is gone. */
  async stop(): Promise<void> {
    if (!this.isAlive) return await this.ended
    this.#isStopping = true
    this.#child.kill('SIGTERM')
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), graceMs)
    await this.ended
    clearTimeout(timer)
  }

  report(): WorkerReport {
    const { name, capabilities } = this.task
    return { name, capabilities, handled: this.#handled, end: this.#end ?? 'finished' }
  }

  async #watchEnd(): Promise<void> {
    const [code, signal] = await once(this.#child, 'exit')
    const how = signal === null ? `exit code ${code}` : `signal ${signal}`
    this.#end ??= this.#isStopping && code === 0 ? 'finished' : `ended with ${how}`
  }
}
