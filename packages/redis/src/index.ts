/**
 * Redis for Dashi: the transport, a publish/subscribe framework, and plain queues.
 *
 * @module
 */
export type {
  RedisOptions,
  RedisServerOptions,
  SentinelAddress,
  TlsSettings,
} from './options.ts'
export { redis } from './redis.ts'
export { redisStore } from './redis-store.ts'
export { transportFromUrl } from './transport-from-url.ts'
