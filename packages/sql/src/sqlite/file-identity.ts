import { statSync } from 'node:fs'

/** The file at the path is no longer the one that was opened. Crosses threads as a failure. */
export class ReplacedFileError extends Error {}

/**
 * Notices that a database file was deleted or replaced while it is open.
 *
 * The open file would go on working, unseen by everybody who opens the path from now on.
 */
export class FileIdentity {
  readonly #path: string
  readonly #opened: string | undefined

  /** @param path A file that has just been opened. */
  constructor(path: string) {
    this.#path = path
    this.#opened = identityOf(path)
  }

  /** @throws {ReplacedFileError} */
  require(): void {
    const found = identityOf(this.#path)
    if (found === this.#opened) return
    const what = found === undefined ? 'deleted' : 'replaced by another one'
    throw new ReplacedFileError(`the file was ${what} while it was open`)
  }
}

function identityOf(path: string): string | undefined {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false })
  return stats && `${stats.dev}:${stats.ino}`
}
