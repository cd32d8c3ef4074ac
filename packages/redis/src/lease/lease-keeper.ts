import { Worker } from 'node:worker_threads'
import type { StoreSettings } from '../settings.ts'
import { type LeaseEnded, Renewal } from './renewal.ts'

/** What the thread is told. */
export interface KeeperCommand {
  readonly action: 'hold' | 'drop'
  readonly holder: string
}

/** What the thread tells. */
export interface KeeperEvent {
  readonly ended: string
  readonly reason: string
}

/**
 * The thread that renews the leases of all sessions of one store.
 *
 * Starts with the first lease and stops with the last one.
 */
export class LeaseKeeper {
  readonly #settings: StoreSettings
  readonly #sessions = new Map<string, LeaseEnded>()
  #thread: Worker | undefined
  /** Stands in where a thread cannot be started. */
  #inline: Renewal | undefined
  #onTrouble: ((error: Error) => void) | undefined

  constructor(settings: StoreSettings) {
    this.#settings = settings
  }

  /**
   * Takes charge of a lease that has just begun.
   *
   * @param onTrouble Told when there can be no thread, so that the event loop has to do.
   */
  hold(holder: string, onEnded: LeaseEnded, onTrouble: (error: Error) => void): void {
    this.#sessions.set(holder, onEnded)
    this.#onTrouble = onTrouble
    this.#tell({ action: 'hold', holder })
  }

  drop(holder: string): void {
    if (!this.#sessions.delete(holder)) return
    this.#tell({ action: 'drop', holder })
    if (this.#sessions.size === 0) this.#stop()
  }

  #tell(command: KeeperCommand): void {
    if (this.#inline !== undefined) {
      this.#inline[command.action](command.holder)
      return
    }
    this.#thread ??= this.#start()
    this.#thread.postMessage(command)
  }

  #start(): Worker {
    // The build turns the one file into the other; import.meta.url says which is running.
    const name = import.meta.url.endsWith('.ts') ? './holder-thread.ts' : './holder-thread.js'
    const thread = new Worker(new URL(name, import.meta.url), {
      workerData: this.#settings,
      name: 'dashi-redis-leases',
    })
    thread.on('message', ({ ended, reason }: KeeperEvent) => this.#ended(ended, reason))
    thread.on('error', (error: Error) => this.#goInline(thread, error))
    thread.unref()
    return thread
  }

  #ended(holder: string, reason: string): void {
    const onEnded = this.#sessions.get(holder)
    this.#sessions.delete(holder)
    onEnded?.(holder, reason)
  }

  /** Better from a loop that may be blocked than not at all. */
  #goInline(thread: Worker, error: Error): void {
    if (this.#thread !== thread) return
    this.#thread = undefined
    this.#inline = new Renewal(this.#settings, (holder, reason) => this.#ended(holder, reason))
    for (const holder of this.#sessions.keys()) this.#inline.hold(holder)
    this.#onTrouble?.(error)
  }

  #stop(): void {
    const thread = this.#thread
    this.#thread = undefined
    this.#inline?.stop()
    this.#inline = undefined
    void thread?.terminate()
  }
}
