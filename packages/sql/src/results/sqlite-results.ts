import { resolve } from 'node:path'
import { ConfigurationError, checkOptions, type OptionSpecs } from '@dashi/messaging/transport'
import type { ResultStore } from '@dashi/tasks/results'
import { SqliteResultSession } from './sqlite-result-session.ts'

/** Where and how results are kept in SQLite. */
export interface SqliteResultsOptions {
  /** The database file, created if missing; its folder must exist. Relative to the working directory. */
  readonly path: string
  /** Longest wait for the file's one write lock before an operation fails. Default 10 000. */
  readonly lockTimeoutMs?: number | undefined
  /** How often to look for changes although none was announced. Default 500. */
  readonly pollIntervalMs?: number | undefined
  /** What a stored result survives: `full` (default) also the loss of power, `normal` the death of every process. */
  readonly synchronous?: 'full' | 'normal' | undefined
}

/** Options that can stand in a URL. */
export const resultUrlSpecs: OptionSpecs = {
  lockTimeoutMs: { type: 'number', min: 0 },
  pollIntervalMs: { type: 'number', min: 1 },
  synchronous: { type: 'string', oneOf: ['full', 'normal'] },
}

/**
 * Results in a SQLite file, in Celery's tables: for processes on one machine. Results are pickled, as Celery's are, and only
 * plain data is read. Children, group and parent of a task have no place there.
 *
 * @throws {ConfigurationError} `BAD_OPTION`.
 * @example
 * const app = new App('shop', { backend: sqliteResults({ path: 'results.db' }) })
 */
export function sqliteResults(options: SqliteResultsOptions): ResultStore {
  const specs = { ...resultUrlSpecs, path: { type: 'string' as const, min: 1 } }
  checkOptions('sqliteResults()', options, specs)
  const { path, lockTimeoutMs = 10_000, pollIntervalMs = 500, synchronous = 'full' } = options
  if (!path || path === ':memory:') throw notFile(path)
  const settings = { path: resolve(path), lockTimeoutMs, pollIntervalMs, synchronous }
  return {
    name: 'sqlite',
    address: `db+sqlite:///${settings.path}`,
    open: (context) => new SqliteResultSession(settings, context),
  }
}

function notFile(path: string | undefined): ConfigurationError {
  return new ConfigurationError(
    'BAD_OPTION',
    `Results in SQLite need a file, not ${JSON.stringify(path)}: a database in memory is seen by nobody else. Use memory:// for that`,
  )
}
