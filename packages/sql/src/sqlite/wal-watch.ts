import { type FSWatcher, watch } from 'node:fs'

/** What a watch works with. */
export interface WalWatchOptions {
  /** The database file. */
  readonly path: string
  /** Changes when another connection has committed. Cheap. */
  readonly dataVersion: () => number
  readonly onChange: () => void
  /** Told once why nothing is announced here. Polling goes on at a faster pace. */
  readonly onUnannounced: (reason: string) => void
  /** How often to look although nothing was announced. */
  readonly pollIntervalMs: number
}

/** Where the system announces nothing. */
const unannouncedPollMs = 25
/** The log grows before its commit counts: how often, and for how long, to look again. */
const firstLookMs = 1
const longestLookMs = 64

/**
 * Notices commits of other connections and processes.
 *
 * The system announces writes to the write-ahead log; SQLite's `data_version` tells whether a commit
 * came of it. A slow poll covers what is announced nowhere.
 */
export class WalWatch {
  readonly #options: WalWatchOptions
  readonly #watcher: FSWatcher | undefined
  #poll: NodeJS.Timeout | undefined
  #look: NodeJS.Timeout | undefined
  #nextLookMs = firstLookMs
  #writtenAt = Number.NEGATIVE_INFINITY
  #version = 0
  #isAnnounced = true

  constructor(options: WalWatchOptions) {
    this.#options = options
    this.#watcher = this.#announcer()
  }

  /** There may be no watch to be had: a limit of the system, an exotic file system. */
  #announcer(): FSWatcher | undefined {
    const wal = `${this.#options.path}-wal`
    try {
      const watcher = watch(wal, { persistent: false }, () => this.#written())
      watcher.on('error', (error) => this.#unannounced(error))
      return watcher
    } catch (error) {
      this.#unannounced(error)
      return undefined
    }
  }

  #unannounced(error: unknown): void {
    this.#isAnnounced = false
    this.#options.onUnannounced(error instanceof Error ? error.message : String(error))
    if (this.#poll !== undefined) this.start()
  }

  /** Begins to call `onChange`. What was committed before is not reported. */
  start(): void {
    this.stop()
    this.#version = this.#options.dataVersion()
    const { pollIntervalMs } = this.#options
    const interval = this.#isAnnounced
      ? pollIntervalMs
      : Math.min(unannouncedPollMs, pollIntervalMs)
    this.#poll = setInterval(() => this.#check(), interval)
    if (performance.now() - this.#writtenAt < longestLookMs) this.#lookAgain()
  }

  stop(): void {
    clearInterval(this.#poll)
    this.#poll = undefined
    this.#stopLooking()
  }

  close(): void {
    this.stop()
    this.#watcher?.close()
  }

  #written(): void {
    this.#writtenAt = performance.now()
    if (this.#poll !== undefined) this.#lookAgain()
  }

  #lookAgain(): void {
    this.#stopLooking()
    this.#nextLookMs = firstLookMs
    this.#lookSoon()
  }

  /** A change that is found may be an earlier one than the one announced: the looks go on. */
  #lookSoon(): void {
    this.#check()
    if (this.#poll === undefined || this.#nextLookMs > longestLookMs) return
    this.#look = setTimeout(() => this.#lookSoon(), this.#nextLookMs)
    this.#nextLookMs *= 2
  }

  #stopLooking(): void {
    clearTimeout(this.#look)
    this.#look = undefined
  }

  #check(): void {
    const version = this.#options.dataVersion()
    if (version === this.#version) return
    this.#version = version
    this.#options.onChange()
  }
}
