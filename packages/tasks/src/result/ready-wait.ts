import { TaskError } from '../errors.ts'
import { type ResultMeta, readyStates } from './result-meta.ts'
import type { ResultSession } from './result-store.ts'

/** How long one waits. */
export interface WaitOptions {
  /** Default: as long as it takes. */
  readonly timeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

interface Waiter {
  resolve(meta: ResultMeta): void
  reject(error: unknown): void
}

/**
 * Waits for a task to be ready: any number of waiters on one watch, which lives as long as somebody waits. What was ready once
 * is known for good.
 */
export class ReadyWait {
  readonly #taskId: string
  readonly #session: ResultSession
  readonly #waiters = new Set<Waiter>()
  #latest: ResultMeta | undefined
  #watch: Promise<() => void> | undefined

  constructor(taskId: string, session: ResultSession) {
    this.#taskId = taskId
    this.#session = session
  }

  /** The meta of a ready state, once it was seen. */
  get known(): ResultMeta | undefined {
    return this.#latest !== undefined && readyStates.has(this.#latest.status)
      ? this.#latest
      : undefined
  }

  /** Notes what was read by other means. */
  note(meta: ResultMeta | undefined): void {
    if (meta !== undefined && this.known === undefined) this.#latest = meta
  }

  /** Makes it forget, as the store has. */
  forget(): void {
    this.#latest = undefined
  }

  /** @throws {TaskError} `RESULT_TIMED_OUT`; `signal.reason`; what the store says when it cannot be watched. */
  async ready({ timeoutMs, signal }: WaitOptions): Promise<ResultMeta> {
    if (this.known !== undefined) return this.known
    signal?.throwIfAborted()
    const { promise, resolve, reject } = Promise.withResolvers<ResultMeta>()
    const waiter: Waiter = { resolve, reject }
    const onAbort = () => reject(signal?.reason)
    // Not unref'd: who waits for a result wants the process to stay.
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => reject(this.#timedOut(timeoutMs)), timeoutMs)
    signal?.addEventListener('abort', onAbort, { once: true })
    this.#add(waiter)
    try {
      return await promise
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      this.#remove(waiter)
    }
  }

  #add(waiter: Waiter): void {
    this.#waiters.add(waiter)
    if (this.#watch !== undefined) return
    const watch = this.#session.watch(this.#taskId, (meta) => this.#told(meta))
    this.#watch = watch
    watch.catch((error: unknown) => {
      if (this.#watch === watch) this.#watch = undefined
      for (const { reject } of this.#waiters) reject(error)
    })
  }

  #remove(waiter: Waiter): void {
    this.#waiters.delete(waiter)
    if (this.#waiters.size > 0) return
    // That it could not be started was told to those who waited.
    this.#watch?.then(
      (stop) => stop(),
      () => undefined,
    )
    this.#watch = undefined
  }

  #told(meta: ResultMeta): void {
    this.note(meta)
    const { known } = this
    if (known === undefined) return
    for (const { resolve } of this.#waiters) resolve(known)
  }

  #timedOut(timeoutMs: number): TaskError {
    const state = this.#latest?.status
    const knowledge =
      state === undefined
        ? 'Nothing is known of it: it waits for a worker, or no such task was sent, or its result is not kept'
        : `Its state is ${state}`
    return new TaskError(
      'RESULT_TIMED_OUT',
      `Task ${this.#taskId} had no result within ${timeoutMs} ms. ${knowledge}`,
    )
  }
}
