import { resolve } from 'node:path'
import type { OperationOptions } from '@dashi/messaging/transport'
import type { SqlDatabase } from '../sql-database.ts'
import { SqliteThread } from '../sqlite/sqlite-thread.ts'
import { type SqliteOptions, sqliteSettings } from '../sqlite-options.ts'
import { tableNames } from '../table-names.ts'

/** Where plain queues live. */
export type SqliteFileOptions = Pick<
  SqliteOptions,
  'path' | 'lockTimeoutMs' | 'pollIntervalMs' | 'synchronous'
>

/** A database file that several plain queues share. Opened when first used, and again when it was lost. */
export class SqliteFile implements AsyncDisposable {
  readonly #options: SqliteFileOptions
  #opened: Promise<SqlDatabase> | undefined

  /** @throws {ConfigurationError} `BAD_OPTION`. */
  constructor(options: SqliteFileOptions | string) {
    this.#options = typeof options === 'string' ? { path: options } : options
    sqliteSettings(this.#options)
  }

  /** @internal */
  open({ signal }: OperationOptions = {}): Promise<SqlDatabase> {
    signal?.throwIfAborted()
    this.#opened ??= this.#open()
    return this.#opened
  }

  async #open(): Promise<SqlDatabase> {
    const forget = () => {
      this.#opened = undefined
    }
    try {
      const settings = sqliteSettings(this.#options)
      const names = tableNames(settings.queueTablename, settings.messageTablename)
      const path = resolve(settings.path)
      const database = await SqliteThread.open({ ...settings, path, names }, {})
      void database.closed.then(forget)
      return database
    } catch (error) {
      forget()
      throw error
    }
  }

  /** Lets go of the file. Used again, it is opened again. */
  async close(): Promise<void> {
    const database = await this.#opened
    await database?.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
