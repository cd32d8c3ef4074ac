import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { whenFree } from './busy.ts'
import { ForeignSchemaError } from './foreign-schema-error.ts'
import { WriteLock } from './write-lock.ts'

/** What a connection to the file needs to know. */
export interface ConnectionSettings {
  readonly path: string
  /** Longest wait for other processes. */
  readonly lockTimeoutMs: number
  /** Whether a confirmed message survives the loss of power (`full`) or of processes only (`normal`). */
  readonly synchronous: 'full' | 'normal'
}

const cacheKibibytes = 16_384
const largestIdleWalBytes = 64 * 1024 * 1024

/**
 * One connection to a database file in WAL mode, used by one thread.
 *
 * Transactions that confirm nothing are not synced to disk: after a loss of power, what they changed
 * is as before, which for a lease or an acknowledgement means that the message is delivered again.
 */
export class SqliteConnection {
  readonly database: DatabaseSync
  readonly #settings: ConnectionSettings
  readonly #dataVersion: StatementSync
  readonly #lock: WriteLock
  #isSynced = true

  /** @throws SQLite's error; {ForeignSchemaError} when the file system cannot do WAL. */
  constructor(settings: ConnectionSettings) {
    this.#settings = settings
    this.#lock = new WriteLock(settings.lockTimeoutMs, () => this.database.exec('BEGIN IMMEDIATE'))
    this.database = new DatabaseSync(settings.path, { enableForeignKeyConstraints: false })
    try {
      this.#configure()
      this.#dataVersion = this.database.prepare('PRAGMA data_version')
    } catch (error) {
      this.database.close()
      throw error
    }
  }

  #configure(): void {
    const mode = this.read(() => this.database.prepare('PRAGMA journal_mode = WAL').get())
    if (mode?.['journal_mode'] !== 'wal') {
      throw new ForeignSchemaError(
        `SQLite's WAL mode cannot be switched on (it stays "${mode?.['journal_mode']}"). ` +
          'The file must be on a local disk, not on a network file system, and not in memory',
      )
    }
    this.database.exec(`PRAGMA cache_size = -${cacheKibibytes}`)
    this.database.exec(`PRAGMA journal_size_limit = ${largestIdleWalBytes}`)
  }

  /** Reads outside a transaction. */
  read<Result>(work: () => Result): Result {
    return whenFree(this.#settings.lockTimeoutMs, work)
  }

  /**
   * Does `work` in one transaction, alone in the whole database.
   *
   * @param isConfirming What it writes is promised to somebody.
   */
  write<Result>(isConfirming: boolean, work: () => Result): Result {
    this.#setSynced(isConfirming && this.#settings.synchronous === 'full')
    this.#lock.acquire()
    try {
      const result = work()
      this.database.exec('COMMIT')
      return result
    } catch (error) {
      this.#rollback()
      throw error
    } finally {
      this.#lock.released()
    }
  }

  #setSynced(isSynced: boolean): void {
    if (this.#isSynced === isSynced) return
    this.database.exec(`PRAGMA synchronous = ${isSynced ? 'FULL' : 'NORMAL'}`)
    this.#isSynced = isSynced
  }

  /** SQLite has rolled back by itself after the worst errors: then there is nothing left to do. */
  #rollback(): void {
    if (this.database.isTransaction) this.database.exec('ROLLBACK')
  }

  /** Changes when another connection, here or elsewhere, has committed. Costs microseconds. */
  dataVersion(): number {
    return Number(this.read(() => this.#dataVersion.get())?.['data_version'])
  }

  close(): void {
    this.database.close()
  }
}
