/** Tells that a queue may have messages: by what the system announces, and by the clock. */
import { type FSWatcher, watch } from 'node:fs'
import { queueOf } from './file-names.ts'

const mostAnnounced = 1_000

interface Waiter {
  readonly queues: ReadonlySet<string>
  readonly wake: () => void
}

/** Watches a folder from the first look on. */
export class FolderWatch {
  readonly #folder: string
  readonly #pollIntervalMs: number
  readonly #waiters = new Set<Waiter>()
  /** By queue, the number of its last announcement. */
  readonly #announced = new Map<string, number>()
  #announcements = 0
  #watcher: FSWatcher | undefined

  constructor(folder: string, pollIntervalMs: number) {
    this.#folder = folder
    this.#pollIntervalMs = pollIntervalMs
  }

  /**
   * Starts announcing. Call before looking.
   *
   * @param onFailure Told that there will be no announcements, only the clock.
   */
  start(onFailure: (error: unknown) => void): void {
    try {
      this.#watcher = watch(this.#folder, { persistent: false }, (_, name) => this.#announce(name))
      this.#watcher.on('error', onFailure)
    } catch (error) {
      onFailure(error)
    }
  }

  /** The number of the last announcement. */
  get mark(): number {
    return this.#announcements
  }

  /** Nothing is left of what was announced until `mark`. */
  settle(queues: readonly string[], mark: number): void {
    for (const queue of queues) {
      if ((this.#announced.get(queue) ?? 0) <= mark) this.#announced.delete(queue)
    }
  }

  /** Resolves when something was announced and not settled, after the poll interval, or at the signal. */
  async wait(queues: readonly string[], signal: AbortSignal): Promise<void> {
    if (signal.aborted || queues.some((queue) => this.#announced.has(queue))) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const wake = () => resolve()
    const waiter = { queues: new Set(queues), wake }
    // Not unref'd: who waits for messages wants the process to stay.
    const timer = setTimeout(wake, this.#pollIntervalMs)
    this.#waiters.add(waiter)
    signal.addEventListener('abort', wake, { once: true })
    await promise
    clearTimeout(timer)
    this.#waiters.delete(waiter)
    signal.removeEventListener('abort', wake)
  }

  close(): void {
    this.#watcher?.close()
    for (const { wake } of this.#waiters) wake()
  }

  #announce(name: string | null): void {
    const queue = name === null ? undefined : queueOf(name)
    if (queue === undefined) return
    this.#announcements += 1
    // Of queues that nobody here consumes. Forgetting one that somebody does costs a poll interval at most.
    if (this.#announced.size > mostAnnounced) this.#announced.clear()
    this.#announced.set(queue, this.#announcements)
    for (const waiter of this.#waiters) if (waiter.queues.has(queue)) waiter.wake()
  }
}
