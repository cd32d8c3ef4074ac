import { type FSWatcher, watch } from 'node:fs'

/** How to watch. */
export interface FileWatchOptions {
  readonly folder: string
  /** Names to look at by the clock as well: the system does not announce what other machines change. */
  readonly names: () => Iterable<string>
  /** Told of a name that may have changed. */
  readonly onChange: (name: string) => void
  /** Told that there are no announcements, only the clock. */
  readonly onWarning: (error: unknown) => void
  /** Between looks by the clock. */
  readonly intervalMs: number
}

/** Tells which files of a folder change: by what the system announces, and, slowly, by the clock. */
export class FileWatch {
  readonly #options: FileWatchOptions
  #watcher: FSWatcher | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(options: FileWatchOptions) {
    this.#options = options
  }

  /** Begins, if it has not. The folder must exist. Keeps the process alive: somebody waits. */
  start(): void {
    if (this.#timer !== undefined) return
    const { folder, onWarning, onChange, intervalMs } = this.#options
    this.#timer = setInterval(() => this.#lookAtAll(), intervalMs)
    try {
      this.#watcher = watch(folder, { persistent: true }, (_event, name) => {
        if (name === null) this.#lookAtAll()
        else onChange(name)
      })
      this.#watcher.on('error', onWarning)
    } catch (error) {
      onWarning(error)
    }
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#watcher?.close()
    this.#watcher = undefined
  }

  #lookAtAll(): void {
    for (const name of [...this.#options.names()]) this.#options.onChange(name)
  }
}
