import type { RedisLink } from '../connection/redis-link.ts'
import type { RedisServerOptions } from '../options.ts'
import { type Discipline, RedisWorkQueue, type RedisWorkQueueOptions } from './redis-work-queue.ts'

const fifo: Discipline = {
  push: (key, value) => ['LPUSH', key, value],
  pop: (key) => ['RPOP', key],
  valueIn: (answer) => answer,
  size: (key) => ['LLEN', key],
}

/**
 * First in, first out, in a Redis list: scrapy-redis's `FifoQueue` (`SpiderQueue`), same key and commands.
 *
 * @example
 * await using queue = new FifoQueue<string>('redis://localhost:6379/0', 'spider:requests')
 * await queue.push('https://example.org/')
 * const url = await queue.pop({ timeoutMs: 5_000 })
 */
export class FifoQueue<Item> extends RedisWorkQueue<Item> {
  constructor(
    server: RedisLink | string | RedisServerOptions,
    key: string,
    options: RedisWorkQueueOptions<Item> = {},
  ) {
    super(server, key, { ...options, discipline: fifo })
  }
}
