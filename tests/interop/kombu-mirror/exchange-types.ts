/**
 * BaseExchangeTypes of Kombu's common.py. Consumers begin before anything is published, as in its tests for MongoDB
 * and SQS: over Redis a broadcast reaches only those who listen.
 */
import assert from 'node:assert/strict'
import type { MirrorConsumer, MirrorExchange, MirrorQueue } from './end.ts'
import { absenceMs, arrivalMs, type Mirrors, mirrorPlaces, type Stage } from './mirror.ts'

const body = { hello: 'world' }

/** Queues of one exchange, consumed from. */
interface Bound {
  readonly exchange: MirrorExchange
  readonly queues: readonly MirrorQueue[]
  readonly consumers: readonly MirrorConsumer[]
}

async function bind(
  stage: Stage,
  type: MirrorExchange['type'],
  routingKeys: readonly string[],
): Promise<Bound> {
  const exchange = { name: stage.name(`test_${type}`), type }
  const queues = routingKeys.map((routingKey, index) => ({
    ...{ name: stage.name(`${type}${index}`), exchange, routingKey },
  }))
  const consumers: MirrorConsumer[] = []
  for (const queue of queues) consumers.push(await stage.consumer.consume(queue))
  return { exchange, queues, consumers }
}

/** Over Redis, queues that only a publisher declares for a broadcast would be nobody's. */
async function publish(stage: Stage, bound: Bound, routingKey = ''): Promise<void> {
  const { exchange, queues } = bound
  const isBroadcast = exchange.type === 'fanout' && stage.place.startsWith('redis')
  await stage.publisher.publish({ body, exchange, routingKey, queues: isBroadcast ? [] : queues })
}

/** Each consumer gets as many as said, and no more. */
async function expectCounts({ consumers }: Bound, counts: readonly number[]): Promise<void> {
  for (const [index, consumer] of consumers.entries()) {
    const count = counts[index] ?? 0
    const messages = await consumer.receive(count, count === 0 ? 0 : arrivalMs)
    for (const message of messages) await message.ack()
    assert.deepEqual(
      messages.map((message) => [message.body, message.contentType]),
      Array.from({ length: count }, () => [body, 'application/x-python-serialize']),
    )
  }
  for (const consumer of consumers) assert.deepEqual(await consumer.receive(1, absenceMs), [])
}

async function close({ consumers }: Bound): Promise<void> {
  for (const consumer of consumers) await consumer.close()
}

/** Five tests. */
export const exchangeTypeMirrors: Mirrors = {
  'BaseExchangeTypes.test_direct': {
    places: mirrorPlaces,
    sides: 'both',
    run: async (stage) => {
      const bound = await bind(stage, 'direct', [''])
      await publish(stage, bound)
      await expectCounts(bound, [1])
      await close(bound)
    },
  },
  'BaseExchangeTypes.test_direct_routing_keys': {
    places: mirrorPlaces,
    sides: 'both',
    run: async (stage) => {
      const bound = await bind(stage, 'direct', ['d1', 'd2'])
      await publish(stage, bound, 'd1')
      await expectCounts(bound, [1, 0])
      await publish(stage, bound, 'd3')
      await expectCounts(bound, [0, 0])
      await close(bound)
    },
  },
  'BaseExchangeTypes.test_fanout': {
    places: mirrorPlaces,
    sides: 'both',
    exchange: 'fanout',
    run: async (stage) => {
      const bound = await bind(stage, 'fanout', ['', ''])
      await publish(stage, bound)
      await expectCounts(bound, [1, 1])
      await close(bound)
    },
  },
  'BaseExchangeTypes.test_topic': {
    places: mirrorPlaces,
    sides: 'both',
    run: async (stage) => {
      const bound = await bind(stage, 'topic', ['t.*', 't.*', 't'])
      await publish(stage, bound, 't.1')
      await expectCounts(bound, [1, 1, 0])
      await close(bound)
    },
  },
  'BaseExchangeTypes.test_publish_empty_exchange': {
    places: mirrorPlaces,
    sides: 'ours',
    run: async (stage) => {
      const exchange = { name: stage.name('test_empty_exchange'), type: 'topic' } as const
      await stage.publisher.publish({ body, exchange, routingKey: 't.1' })
    },
  },
}
