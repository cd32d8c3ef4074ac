import type { SqliteFile, SqliteFileOptions } from './sqlite-file.ts'
import { SqliteWorkQueue, type SqliteWorkQueueOptions } from './sqlite-work-queue.ts'

/**
 * First in, first out, in a SQLite file that several processes may share.
 *
 * @example
 * await using queue = new FifoQueue<string>('frontier.db', 'requests')
 * await queue.push('https://example.org/')
 * const url = await queue.pop({ timeoutMs: 5_000 })
 */
export class FifoQueue<Item> extends SqliteWorkQueue<Item> {
  constructor(
    file: SqliteFile | SqliteFileOptions | string,
    name: string,
    options: SqliteWorkQueueOptions<Item> = {},
  ) {
    super(file, name, { ...options, discipline: { order: 'first', hasPriorities: false } })
  }
}
