/** BasicFunctionality of Kombu's common.py. */
import assert from 'node:assert/strict'
import { Connection, ConnectionError, Queue } from '@dashi/messaging'
import { absenceMs, arrivalMs, type Mirror, type Mirrors, mirrorPlaces, ourConnection, type Stage } from './mirror.ts' // biome-ignore format: one line

const everywhere = { places: mirrorPlaces }

/** A closed connection of ours stays closed; a clone of it connects. */
export async function connectTwice(stage: Stage): Promise<void> {
  const connection = ourConnection(stage)
  await connection.connect()
  assert.equal(connection.connected, true)
  await connection.close()
  assert.equal(connection.connected, false)
  await using again = connection.clone()
  await again.connect()
  assert.equal(again.connected, true)
}

/** Publishes on one side and consumes on the other. */
export async function publishAndConsume(stage: Stage): Promise<void> {
  const queue = { name: stage.name('test') }
  const body = { hello: 'world' }
  await stage.publisher.publish({ body, routingKey: queue.name, queues: [queue] })
  const consumer = await stage.consumer.consume(queue)
  const [message] = await consumer.receive(1, arrivalMs)
  assert.deepEqual(message?.body, body)
  assert.equal(message?.contentType, 'application/x-python-serialize')
  await message?.ack()
  await consumer.close()
}

/** Nothing comes from a queue with nothing in it. */
export async function consumeEmptyQueue(stage: Stage): Promise<void> {
  const consumer = await stage.consumer.consume({ name: stage.name('test_empty') })
  assert.deepEqual(await consumer.receive(1, absenceMs), [])
  await consumer.close()
}

/** Puts on one side and gets on the other. */
export function throughBox(isBuffer: boolean): Mirror['run'] {
  return async (stage) => {
    const options = { name: stage.name('simple_test'), isBuffer }
    const putting = await stage.publisher.open(options)
    await putting.put({ Hello: 'World' }, { headers: { k1: 'v1' } })
    const getting = await stage.consumer.open(options)
    const message = await getting.get(arrivalMs)
    assert.deepEqual(message?.body, { Hello: 'World' })
    assert.equal(message?.contentType, 'application/json')
    assert.equal(message?.contentEncoding, 'utf-8')
    assert.deepEqual(message?.headers, { k1: 'v1' })
    if (!isBuffer) await message?.ack()
    await getting.close()
    await putting.close()
  }
}

/** What fails where nobody answers, as a connection error and not too late. */
function failing(use: (connection: Connection) => Promise<unknown>): Mirror {
  return {
    ...everywhere,
    sides: 'ours',
    run: async ({ nowhere }) => {
      await using connection = new Connection(nowhere, { connectTimeoutMs: 1_000 })
      await assert.rejects(use(connection), ConnectionError)
      assert.equal(connection.connected, false)
    },
  }
}

/** What connects although nobody asked it to. */
function connecting(use: (connection: Connection, queue: string) => Promise<unknown>): Mirror {
  return {
    ...everywhere,
    sides: 'ours',
    run: async (stage) => {
      await using connection = ourConnection(stage)
      assert.equal(connection.connected, false)
      await use(connection, stage.name('test_channel'))
      assert.equal(connection.connected, true)
    },
  }
}

/** Twelve tests. */
export const basicMirrors: Mirrors = {
  'BasicFunctionality.test_connect': { ...everywhere, sides: 'ours', run: connectTwice },
  'BasicFunctionality.test_failed_connect': failing((connection) => connection.connect()),
  'BasicFunctionality.test_failed_connection': failing((connection) =>
    connection.ready({ timeoutMs: 1_000 }),
  ),
  'BasicFunctionality.test_failed_channel': failing((connection) => connection.channel().get('q')),
  'BasicFunctionality.test_failed_default_channel': failing((connection) =>
    connection.ensureConnection({ maxRetries: 1 }),
  ),
  'BasicFunctionality.test_default_channel_autoconnect': {
    ...everywhere,
    sides: 'ours',
    run: async (stage) => {
      await using connection = ourConnection(stage)
      await connection.connect()
      const lost = Promise.withResolvers<unknown>()
      connection.on('disconnected', lost.resolve)
      connection.collect()
      await lost.promise
      await new Queue(stage.name('autoconnect')).declare(connection.defaultChannel)
      assert.equal(connection.connected, true)
    },
  },
  'BasicFunctionality.test_channel': connecting((connection, name) =>
    new Queue(name).declare(connection.channel()),
  ),
  'BasicFunctionality.test_default_channel': connecting((connection, name) =>
    new Queue(name).declare(connection.defaultChannel),
  ),
  'BasicFunctionality.test_publish_consume': {
    ...everywhere,
    sides: 'both',
    run: publishAndConsume,
  },
  'BasicFunctionality.test_consume_empty_queue': {
    ...everywhere,
    sides: 'both',
    run: consumeEmptyQueue,
  },
  'BasicFunctionality.test_simple_queue_publish_consume': {
    ...everywhere,
    sides: 'both',
    run: throughBox(false),
  },
  'BasicFunctionality.test_simple_buffer_publish_consume': {
    ...everywhere,
    sides: 'both',
    run: throughBox(true),
  },
}
