import { Worker } from 'node:worker_threads'
import type { RedisCredentials } from '../connection/credentials.ts'
import type { StoreSettings } from '../settings.ts'
import { Renewal } from './renewal.ts'

/** What the thread is told. */
export type KeeperCommand =
  | { readonly action: 'hold' | 'drop'; readonly holder: string }
  | { readonly action: 'authenticate'; readonly credentials: RedisCredentials }

/** What the thread tells. */
export interface KeeperEvent {
  readonly event: 'kept' | 'ended'
  readonly holder: string
  readonly reason: string
}

/** What whoever holds a lease is told. */
export interface LeaseListener {
  /** From now on it is renewed whatever the event loop does. */
  onKept(): void
  /** It has ended although nobody let go of it. */
  onEnded(reason: string): void
  /** There can be no thread, so that the event loop has to do. */
  onTrouble(error: Error): void
}

/**
 * The thread that renews the leases of all sessions of one store.
 *
 * Starts with the first lease and stops with the last one.
 */
export class LeaseKeeper {
  readonly #settings: StoreSettings
  readonly #listeners = new Map<string, LeaseListener>()
  #thread: Worker | undefined
  /** Stands in where a thread cannot be started. */
  #inline: Renewal | undefined
  #forgetCredentials: (() => void) | undefined

  constructor(settings: StoreSettings) {
    this.#settings = settings
  }

  /** Takes charge of a lease that has just begun. */
  hold(holder: string, listener: LeaseListener): void {
    this.#listeners.set(holder, listener)
    this.#tell({ action: 'hold', holder })
  }

  drop(holder: string): void {
    if (!this.#listeners.delete(holder)) return
    this.#tell({ action: 'drop', holder })
    if (this.#listeners.size === 0) this.#stop()
  }

  #tell(command: KeeperCommand): void {
    if (this.#inline !== undefined) {
      this.#inline.obey(command)
      return
    }
    this.#thread ??= this.#start()
    this.#thread.postMessage(command)
  }

  #start(): Worker {
    // The build turns the one file into the other; import.meta.url says which is running.
    const name = import.meta.url.endsWith('.ts') ? './holder-thread.ts' : './holder-thread.js'
    const thread = new Worker(new URL(name, import.meta.url), {
      workerData: this.#plainSettings(),
      name: 'dashi-redis-leases',
    })
    thread.on('message', (event: KeeperEvent) => this.#happened(event))
    thread.on('error', (error: Error) => this.#goInline(thread, error))
    thread.unref()
    // The provider is a function, which cannot travel: the thread gets what it said, and is told of changes.
    this.#forgetCredentials = this.#settings.server.credentials?.onChanged((credentials) =>
      thread.postMessage({ action: 'authenticate', credentials } satisfies KeeperCommand),
    )
    return thread
  }

  #plainSettings(): StoreSettings {
    const { server } = this.#settings
    const plain = { ...server, credentials: undefined, ...server.credentials?.latest }
    return { ...this.#settings, server: plain }
  }

  #happened({ event, holder, reason }: KeeperEvent): void {
    const listener = this.#listeners.get(holder)
    if (event === 'kept') {
      listener?.onKept()
      return
    }
    this.#listeners.delete(holder)
    listener?.onEnded(reason)
  }

  /** Better from a loop that may be blocked than not at all. */
  #goInline(thread: Worker, error: Error): void {
    if (this.#thread !== thread) return
    this.#thread = undefined
    this.#forgetCredentials?.()
    this.#inline = new Renewal(this.#settings, {
      onKept: (holder) => this.#happened({ event: 'kept', holder, reason: '' }),
      onEnded: (holder, reason) => this.#happened({ event: 'ended', holder, reason }),
    })
    for (const [holder, listener] of this.#listeners) {
      this.#inline.hold(holder)
      listener.onTrouble(error)
    }
  }

  #stop(): void {
    const thread = this.#thread
    this.#thread = undefined
    this.#forgetCredentials?.()
    this.#inline?.stop()
    this.#inline = undefined
    void thread?.terminate()
  }
}
