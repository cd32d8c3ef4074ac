/** BasePriority of Kombu's common.py, and what its test_redis.py changes in it. */
import assert from 'node:assert/strict'
import type { MirrorMessage, MirrorQueue } from './end.ts'
import { arrivalMs, type Mirror, type MirrorPlace, type Mirrors, type Stage } from './mirror.ts'

interface Levels {
  readonly highest: number
  readonly high: number
  readonly low: number
}

/** On RabbitMQ a higher number is served first, on Redis a lower one. */
function levelsOf({ place }: Stage): Levels {
  if (place === 'rabbitmq') return { highest: 9, high: 6, low: 3 }
  return { highest: 0, high: 3, low: 6 }
}

/** Three messages, of which the second has to come first. */
function threeMessages({ high, low }: Levels): readonly (readonly [string, number])[] {
  return [
    ['first', low],
    ['second', high],
    ['third', low],
  ]
}

function textsOf(messages: readonly MirrorMessage[]): readonly unknown[] {
  return messages.map(({ body }) => body)
}

function expected(...texts: readonly string[]): readonly unknown[] {
  return texts.map((msg) => ({ msg }))
}

async function publish(stage: Stage, queue: MirrorQueue, message: readonly [string, number]) {
  const [msg, priority] = message
  await stage.publisher.publish({
    body: { msg },
    routingKey: queue.name,
    queues: [queue],
    priority,
  })
}

async function publishAndConsume(stage: Stage): Promise<void> {
  const queue = { name: stage.name('priority_test'), maxPriority: 10 }
  for (const message of threeMessages(levelsOf(stage))) await publish(stage, queue, message)
  const consumer = await stage.consumer.consume(queue)
  const messages = await consumer.receive(3, arrivalMs)
  assert.deepEqual(textsOf(messages), expected('second', 'first', 'third'))
  for (const message of messages) await message.ack()
  await consumer.close()
}

async function requeueAndConsume(stage: Stage): Promise<void> {
  const queue = { name: stage.name('priority_requeue_test'), maxPriority: 10 }
  const levels = levelsOf(stage)
  for (const message of threeMessages(levels)) await publish(stage, queue, message)
  const consumer = await stage.consumer.consume(queue)
  const held = await consumer.receive(3, arrivalMs)
  await consumer.pause()
  for (const message of held) await message.requeue()
  await publish(stage, queue, ['fourth', levels.highest])
  await consumer.resume()
  const messages = await consumer.receive(4, arrivalMs)
  assert.deepEqual(textsOf(messages), expected('fourth', 'second', 'first', 'third'))
  for (const message of messages) await message.ack()
  await consumer.close()
}

function throughBox(isBuffer: boolean): (stage: Stage) => Promise<void> {
  return async (stage) => {
    const options = { name: stage.name('priority_simple_test'), isBuffer, maxPriority: 10 }
    const putting = await stage.publisher.open(options)
    for (const [msg, priority] of threeMessages(levelsOf(stage))) {
      await putting.put({ msg }, { headers: { k1: 'v1' }, priority })
    }
    const getting = await stage.consumer.open(options)
    for (const msg of ['second', 'first', 'third']) {
      const message = await getting.get(arrivalMs)
      if (!isBuffer) await message?.ack()
      assert.deepEqual(message?.body, { msg })
    }
    await getting.close()
    await putting.close()
  }
}

function at(places: readonly MirrorPlace[], run: Mirror['run']): Mirror {
  return { places, sides: 'both', run }
}

const allPlaces: readonly MirrorPlace[] = ['rabbitmq', 'redis', 'redis-prefix']
const redisPlaces: readonly MirrorPlace[] = ['redis', 'redis-prefix']

/** Four tests and two. */
export const priorityMirrors: Mirrors = {
  'BasePriority.test_publish_consume': at(['rabbitmq'], publishAndConsume),
  'BasePriority.test_publish_requeue_consume': at(['rabbitmq'], requeueAndConsume),
  'BasePriority.test_simple_queue_publish_consume': at(allPlaces, throughBox(false)),
  'BasePriority.test_simple_buffer_publish_consume': at(allPlaces, throughBox(true)),
  'test_RedisPriority.test_publish_consume': at(redisPlaces, publishAndConsume),
  'test_RedisPriority.test_publish_requeue_consume': {
    ...at(redisPlaces, requeueAndConsume),
    impossible: (consumer) =>
      consumer === 'kombu52'
        ? 'Kombu before 5.4 requeues over Redis as if every message had priority 0'
        : undefined,
  },
}
