/** BaseTimeToLive of Kombu's common.py, with a tenth of its times. */
import assert from 'node:assert/strict'
import { setTimeout } from 'node:timers/promises'
import { absenceMs, type Mirrors, type Stage } from './mirror.ts'

const expirationMs = 200

/** Longer than the message lives; nobody may look meanwhile, so there is nothing to wait for. */
function untilExpired(): Promise<void> {
  return setTimeout(1.5 * expirationMs)
}

async function throughBox(stage: Stage, isBuffer: boolean): Promise<void> {
  const options = { name: stage.name('ttl_simple_test'), isBuffer }
  const putting = await stage.publisher.open(options)
  await putting.put({ Hello: 'World' }, { headers: { k1: 'v1' }, expirationMs })
  await untilExpired()
  const getting = await stage.consumer.open(options)
  assert.equal(await getting.get(absenceMs), undefined)
  await getting.close()
  await putting.close()
}

/** Three tests, where the broker drops what is too old. */
export const timeToLiveMirrors: Mirrors = {
  'BaseTimeToLive.test_publish_consume': {
    places: ['rabbitmq'],
    sides: 'both',
    run: async (stage) => {
      const queue = { name: stage.name('ttl_test') }
      const body = { hello: 'world' }
      const routingKey = queue.name
      await stage.publisher.publish({ body, routingKey, queues: [queue], expirationMs })
      await untilExpired()
      const consumer = await stage.consumer.consume(queue)
      assert.deepEqual(await consumer.receive(1, absenceMs), [])
      await consumer.close()
    },
  },
  'BaseTimeToLive.test_simple_queue_publish_consume': {
    places: ['rabbitmq'],
    sides: 'both',
    run: (stage) => throughBox(stage, false),
  },
  'BaseTimeToLive.test_simple_buffer_publish_consume': {
    places: ['rabbitmq'],
    sides: 'both',
    run: (stage) => throughBox(stage, true),
  },
}
