import { type Transport, virtualTransport } from '@dashi/messaging/transport'
import type { RedisOptions } from './options.ts'
import { redisStore } from './redis-store.ts'

/**
 * The Redis transport: AMQP's model over Kombu's keys.
 *
 * @throws {ConfigurationError} `BAD_OPTION`.
 * @example
 * await using connection = new Connection(redis({ host: 'localhost', globalKeyprefix: 'shop:' }))
 */
export function redis(options: RedisOptions = {}): Transport {
  const { bodyEncoding, topicMatching, deadletterQueue, maxTake, now } = options
  return virtualTransport(redisStore(options), {
    bodyEncoding,
    topicMatching,
    deadletterQueue,
    maxTake,
    now,
  })
}
