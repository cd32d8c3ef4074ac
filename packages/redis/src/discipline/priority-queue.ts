import type { RedisLink } from '../connection/redis-link.ts'
import type { RedisServerOptions } from '../options.ts'
import { type Discipline, RedisWorkQueue, type RedisWorkQueueOptions } from './redis-work-queue.ts'

const byPriority: Discipline = {
  push: (key, value, priority) => ['ZADD', key, String(-priority), value],
  pop: (key) => ['ZPOPMIN', key],
  valueIn: (answer) => (Array.isArray(answer) ? answer[0] : undefined),
  size: (key) => ['ZCARD', key],
}

/**
 * Highest priority first, in a sorted set scored by the negative priority: scrapy-redis's `PriorityQueue`
 * (`SpiderPriorityQueue`), same key and scores.
 *
 * A set: an item equal to one that waits is not a second one, and takes the new priority. Equal priorities
 * come in the order of their bytes.
 */
export class PriorityQueue<Item> extends RedisWorkQueue<Item> {
  constructor(
    server: RedisLink | string | RedisServerOptions,
    key: string,
    options: RedisWorkQueueOptions<Item> = {},
  ) {
    super(server, key, { ...options, discipline: byPriority })
  }
}
