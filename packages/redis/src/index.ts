/**
 * Redis for Dashi: the transport, a publish/subscribe framework, and plain queues.
 *
 * @module
 */
export { RedisLink } from './connection/redis-link.ts'
export { FifoQueue } from './discipline/fifo-queue.ts'
export type { ItemCodec } from './discipline/item-codec.ts'
export { LifoQueue } from './discipline/lifo-queue.ts'
export { PriorityQueue } from './discipline/priority-queue.ts'
export { RedisWorkQueue, type RedisWorkQueueOptions } from './discipline/redis-work-queue.ts'
export type {
  CredentialProvider,
  KeepaliveOptions,
  KombuOptions,
  KombuServerOptions,
  QueueOrderStrategy,
  RedisCredentials,
  RedisOptions,
  RedisServerOptions,
  SentinelAddress,
  SentinelKwargs,
  TlsSettings,
} from './options.ts'
export { PubSub, type PubSubOptions } from './pub-sub/pub-sub.ts'
export type { PubSubEvents, PubSubGap } from './pub-sub/pub-sub-events.ts'
export { PubSubMessage } from './pub-sub/pub-sub-message.ts'
export type { PubSubHandler } from './pub-sub/subscription-table.ts'
export { redis } from './redis.ts'
export { redisCapabilities, redisStore } from './redis-store.ts'
export { transportFromUrl } from './transport-from-url.ts'
