import {
  type BrokerUrl,
  ConfigurationError,
  formatBrokerUrl,
  optionsFromQuery,
  parseBrokerUrl,
  type Transport,
} from '@dashi/messaging/transport'
import { sqlite } from './sqlite.ts'
import { inMemory, type SqliteOptions, urlSpecs } from './sqlite-options.ts'

const kombuSchemes = new Set(['sqla', 'sqlalchemy'])
const laterDatabases: ReadonlySet<string> = new Set(['postgresql', 'postgres', 'mysql', 'mariadb'])

/** What SQLAlchemy's driver understands in a query and we have no use for. */
const pythonNames = new Set([
  'cached_statements',
  'check_same_thread',
  'detect_types',
  'isolation_level',
])

/**
 * The transport of a SQL URL, as SQLAlchemy reads it, and with options in the query.
 *
 * `sqla+sqlite:///relative.db`, `sqla+sqlite:////absolute.db`; `sqlalchemy+` means the same, and so
 * does nothing in front. A driver (`sqlite+pysqlite`) is Python's affair. `timeout` is SQLAlchemy's,
 * in seconds. What the URL says wins over `options`.
 *
 * @throws {ConfigurationError} `BAD_OPTION`; `UNKNOWN_SCHEME` for other databases.
 */
export function transportFromUrl(
  url: BrokerUrl,
  options: Readonly<Record<string, unknown>>,
): Transport {
  const database = kombuSchemes.has(baseOf(url.scheme)) ? databaseUrl(url) : url
  const dialect = baseOf(database.scheme)
  if (dialect !== 'sqlite') throw unknownDialect(dialect, url)
  if (database.hostname !== undefined || database.userid !== undefined) throw hasHost(url)
  const path = database.virtualHost ?? ''
  if (path === '' || path === ':memory:') throw inMemory()
  // Names and types are checked by sqlite().
  return sqlite({ ...options, ...queryOptions(database), path } as SqliteOptions)
}

function queryOptions(url: BrokerUrl): Readonly<Record<string, unknown>> {
  const { timeout, uri, ...query } = url.query
  if (uri !== undefined) throw fileUri(url)
  const ours = Object.entries(query).filter(([name]) => !pythonNames.has(name))
  const options = optionsFromQuery(Object.fromEntries(ours), urlSpecs)
  return timeout === undefined ? options : { lockTimeoutMs: Number(timeout) * 1_000, ...options }
}

function fileUri(url: BrokerUrl): ConfigurationError {
  return new ConfigurationError(
    'BAD_OPTION',
    `"${formatBrokerUrl(url)}": SQLite's own file: URIs are not supported. Write the path itself`,
  )
}

function baseOf(scheme: string): string {
  return scheme.split('+', 1)[0] ?? scheme
}

/** What follows `sqla+`. */
function databaseUrl(url: BrokerUrl): BrokerUrl {
  if (url.rest !== undefined) return parseBrokerUrl(url.rest)
  throw new ConfigurationError(
    'BAD_OPTION',
    `"${formatBrokerUrl(url)}" does not say which database: write ${url.scheme}+sqlite:///file.db`,
  )
}

function unknownDialect(dialect: string, url: BrokerUrl): ConfigurationError {
  const state = laterDatabases.has(dialect) ? 'is not supported yet' : 'is not known'
  return new ConfigurationError(
    'UNKNOWN_SCHEME',
    `Cannot use "${formatBrokerUrl(url)}": the database "${dialect}" ${state} by @dashi/sql. ` +
      'It works on SQLite: sqla+sqlite:///file.db',
  )
}

function hasHost(url: BrokerUrl): ConfigurationError {
  return new ConfigurationError(
    'BAD_OPTION',
    `"${formatBrokerUrl(url)}" names a host, but SQLite is a file: write three slashes before a relative path ` +
      '(sqla+sqlite:///file.db) and four before an absolute one (sqla+sqlite:////var/lib/file.db)',
  )
}
