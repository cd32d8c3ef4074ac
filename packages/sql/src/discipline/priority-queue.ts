import type { SqliteFile, SqliteFileOptions } from './sqlite-file.ts'
import { SqliteWorkQueue, type SqliteWorkQueueOptions } from './sqlite-work-queue.ts'

/**
 * Highest priority first, and the oldest of equals, in a SQLite file that several processes may share.
 *
 * Unlike the Redis queue of this name it is no set: an item pushed twice is there twice.
 */
export class PriorityQueue<Item> extends SqliteWorkQueue<Item> {
  constructor(
    file: SqliteFile | SqliteFileOptions | string,
    name: string,
    options: SqliteWorkQueueOptions<Item> = {},
  ) {
    super(file, name, { ...options, discipline: { order: 'first', hasPriorities: true } })
  }
}
