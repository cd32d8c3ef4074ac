/**
 * Results of tasks in SQL databases.
 *
 * @module
 */
export { resultStoreFromUrl } from './result-store-from-url.ts'
export { type SqliteResultsOptions, sqliteResults } from './sqlite-results.ts'
