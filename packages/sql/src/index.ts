/**
 * SQL databases as brokers: today SQLite, in Kombu's tables.
 *
 * @module
 */
export { sqlite } from './sqlite.ts'
export type { HiddenRowsPolicy, SqliteOptions } from './sqlite-options.ts'
export { transportFromUrl } from './transport-from-url.ts'
