import { type Transport, virtualTransport } from '@dashi/messaging/transport'
import { type SqliteOptions, sqliteSettings } from './sqlite-options.ts'
import { sqliteStore } from './sqlite-store.ts'

/**
 * A broker in one SQLite file: no server, any number of processes on the machine.
 *
 * Uses Kombu's tables, so that Kombu's SQLAlchemy transport can work on the same file; leases,
 * bindings and priorities are kept in tables beside them.
 *
 * @throws {ConfigurationError} `BAD_OPTION`.
 * @example
 * const connection = new Connection(sqlite({ path: 'queue.db' }))
 */
export function sqlite(options: SqliteOptions): Transport {
  return virtualTransport(sqliteStore(sqliteSettings(options)), options)
}
