import type { RedisLink } from '../connection/redis-link.ts'
import type { RedisServerOptions } from '../options.ts'
import { type Discipline, RedisWorkQueue, type RedisWorkQueueOptions } from './redis-work-queue.ts'

const lifo: Discipline = {
  push: (key, value) => ['LPUSH', key, value],
  pop: (key) => ['LPOP', key],
  valueIn: (answer) => answer,
  size: (key) => ['LLEN', key],
}

/** Last in, first out, in a Redis list: scrapy-redis's `LifoQueue` (`SpiderStack`), same key and commands. */
export class LifoQueue<Item> extends RedisWorkQueue<Item> {
  constructor(
    server: RedisLink | string | RedisServerOptions,
    key: string,
    options: RedisWorkQueueOptions<Item> = {},
  ) {
    super(server, key, { ...options, discipline: lifo })
  }
}
