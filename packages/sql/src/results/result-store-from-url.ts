import { ConfigurationError, optionsFromQuery, parseBrokerUrl } from '@dashi/messaging/transport'
import type { ResultStore } from '@dashi/tasks/results'
import { resultUrlSpecs, sqliteResults } from './sqlite-results.ts'

/**
 * The store of a URL, as SQLAlchemy reads it: `db+sqlite:///relative.db`, `db+sqlite:////absolute.db`, without `db+` too;
 * options in the query.
 *
 * @throws {ConfigurationError} `BAD_OPTION`; `UNKNOWN_SCHEME` for other databases.
 */
export function resultStoreFromUrl(url: string): ResultStore {
  const { scheme, hostname, virtualHost = '', query } = parseBrokerUrl(url.replace(/^db\+/, ''))
  if (!/^sqlite(\+|$)/.test(scheme)) {
    throw new ConfigurationError(
      'UNKNOWN_SCHEME',
      `@dashi/sql keeps results in SQLite only, not in "${scheme}": write db+sqlite:///file.db`,
    )
  }
  if (hostname !== undefined) {
    throw new ConfigurationError(
      'BAD_OPTION',
      'A SQLite URL names a file, not a host: write three slashes before a relative path (db+sqlite:///file.db) and four before an absolute one',
    )
  }
  const { timeout, ...options } = query
  const lockTimeout = timeout === undefined ? {} : { lockTimeoutMs: Number(timeout) * 1_000 }
  return sqliteResults({
    path: virtualHost,
    ...lockTimeout,
    ...optionsFromQuery(options, resultUrlSpecs),
  })
}
