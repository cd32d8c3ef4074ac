/**
 * SQL databases as brokers: today SQLite, in Kombu's tables.
 *
 * @module
 */
export { FifoQueue } from './discipline/fifo-queue.ts'
export type { ItemCodec } from './discipline/item-codec.ts'
export { LifoQueue } from './discipline/lifo-queue.ts'
export { PriorityQueue } from './discipline/priority-queue.ts'
export { SqliteFile, type SqliteFileOptions } from './discipline/sqlite-file.ts'
export type { SqliteWorkQueueOptions } from './discipline/sqlite-work-queue.ts'
export { sqlite } from './sqlite.ts'
export type { HiddenRowsPolicy, SqliteOptions } from './sqlite-options.ts'
export { transportFromUrl } from './transport-from-url.ts'
