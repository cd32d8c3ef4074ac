/** How fast is messaging over Redis, beside BullMQ and a bare LPUSH? */
import { startRedis } from '../tools/brokers/redis.ts'
import { askRedis } from '../tools/services/redis-request.ts'
import type { Question } from './question.ts'

/** Targets: three times BullMQ; an awaited publish at most 1.2 times a bare round trip. */
export const messagingRedis: Question = {
  name: 'messaging-redis',
  description:
    'Publish and consume through one private Redis without persistence, about 220 bytes of JSON. Ours with envelope, ' +
    'lease, confirmation and acknowledgement; BullMQ add and Worker with removeOnComplete; LPUSH of a text as long as our envelope',
  comparisons: [
    {
      name: 'publish, 500 in flight',
      workload: { kind: 'publish', count: 60_000, concurrency: 500 },
      peers: ['bullmq'],
      atLeast: 3,
    },
    {
      name: 'take and settle, prefetch 100',
      workload: { kind: 'drain', count: 60_000, concurrency: 100 },
      peers: ['bullmq'],
      atLeast: 3,
    },
    {
      name: 'one awaited publish',
      workload: { kind: 'publish', count: 60_000, concurrency: 1 },
      peers: ['lpush'],
      atLeast: 1 / 1.2,
    },
  ],
  open: async () => {
    const redis = await startRedis()
    return {
      urlOf: () => redis.url,
      empty: async () => {
        await askRedis(redis.port, 'FLUSHALL')
      },
      [Symbol.asyncDispose]: () => redis[Symbol.asyncDispose](),
    }
  },
}
