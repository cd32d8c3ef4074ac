import { type BrokerUrl, parseBrokerUrl } from '@dashi/messaging/transport'
import type { ResultStore } from '@dashi/tasks/results'
import { type RedisServerOptions, serverSpecs } from '../options.ts'
import { optionsFromUrl } from '../options-from-url.ts'
import { redisResults } from './redis-results.ts'

/**
 * The store of a URL, as Celery reads it: `redis://`, `rediss://`, `redis+socket://`, `sentinel://h1;sentinel://h2`; options,
 * and Celery's `global_keyprefix`, in the query.
 *
 * @throws {ConfigurationError} `BAD_OPTION`, `UNKNOWN_SCHEME`.
 */
export function resultStoreFromUrl(url: string): ResultStore {
  const [first = '', ...others] = url.split(';').filter((part) => part.trim() !== '')
  const { query, ...rest } = parseBrokerUrl(first, 'redis')
  const { global_keyprefix: pythons, globalKeyprefix = pythons, ...options } = query
  const server = serverFrom({ ...rest, query: options })
  const sentinels = [
    server,
    ...others.map((other) => serverFrom(parseBrokerUrl(other, 'sentinel'))),
  ].flatMap((one) => one.sentinels ?? [])
  return redisResults(sentinels.length > 0 ? { ...server, sentinels } : server, { globalKeyprefix })
}

/** Names and types are checked by `redisResults()`. */
function serverFrom(url: BrokerUrl): RedisServerOptions {
  return optionsFromUrl(url, {}, serverSpecs) as RedisServerOptions
}
