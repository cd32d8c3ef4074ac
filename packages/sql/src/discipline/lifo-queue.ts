import type { SqliteFile, SqliteFileOptions } from './sqlite-file.ts'
import { SqliteWorkQueue, type SqliteWorkQueueOptions } from './sqlite-work-queue.ts'

/** Last in, first out, in a SQLite file that several processes may share. */
export class LifoQueue<Item> extends SqliteWorkQueue<Item> {
  constructor(
    file: SqliteFile | SqliteFileOptions | string,
    name: string,
    options: SqliteWorkQueueOptions<Item> = {},
  ) {
    super(file, name, { ...options, discipline: { order: 'last', hasPriorities: false } })
  }
}
