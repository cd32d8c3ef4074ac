/** Real Kombu on the other end, of the releases that the environment names; `npm test` sets them. */
import { randomUUID } from 'node:crypto'
import { Connection, Decimal, Exchange, type Message, Queue } from '@dashi/messaging'
import { afterAll, beforeAll, describe, expect, type TestContext, test } from 'vitest'
import { type KombuPeer, startKombuPeer } from '../../../tests/interop/kombu-peer.ts'
import { type SharedRabbitmq, sharedRabbitmq } from '../../../tools/brokers/rabbitmq.ts'
import { bindToDelayedDelivery, declareDelayedDelivery } from './delayed/delayed-delivery.ts'
import { calculateRoutingKey, levelName } from './delayed/delayed-topology.ts'

const releases = [
  ['5.6', 'DASHI_TEST_PYTHON_56'],
  ['5.2', 'DASHI_TEST_PYTHON_52'],
] as const

let server: SharedRabbitmq

beforeAll(async () => {
  server = await sharedRabbitmq()
}, 60_000)

afterAll(async () => {
  await server[Symbol.asyncDispose]()
})

interface Meeting {
  readonly kombu: KombuPeer
  readonly connection: string
  readonly ours: Connection
}

/** Both ends on the same broker. */
async function meet(
  context: TestContext,
  variable: string,
  use: (meeting: Meeting) => Promise<void>,
): Promise<void> {
  const python = process.env[variable]
  if (python === undefined) context.skip(`${variable} does not name a Python with Kombu`)
  await using kombu = await startKombuPeer(python)
  await using ours = new Connection(server.url)
  const { connection } = await kombu.request('connect', { url: server.url })
  await use({ kombu, connection, ours })
}

const headers = {
  small: 5,
  negative: -300,
  large: 2 ** 40,
  float: 0.5,
  text: 'ü',
  yes: true,
  nothing: null,
  list: [1, 'a', -1],
  deep: { n: -2 },
}

async function next(ours: Connection, queue: Queue): Promise<Message> {
  for await (const message of ours.consume(queue)) {
    message.ack()
    await message.settled()
    return message
  }
  throw new Error('The loop ended')
}

describe.each(releases)('Kombu %s', (_, variable) => {
  test('consumes what we publish: body, headers and properties', (context) =>
    meet(context, variable, async ({ kombu, connection, ours }) => {
      const exchange = new Exchange(`kombu.${randomUUID()}`, { type: 'topic', autoDelete: true })
      const queue = new Queue(`kombu.${randomUUID()}`, { exchange, routingKey: 'a.*' })
      const properties = { correlationId: 'cid', replyTo: 'r', messageId: 'm', priority: 3 }
      await ours
        .producer({ exchange })
        .publish(
          { hello: 'wörld', n: [1, 2.5] },
          { routingKey: 'a.b', declare: [queue], headers, expirationMs: 60_000, ...properties },
        )
      const there = {
        name: queue.name,
        exchange: { name: exchange.name, type: 'topic', auto_delete: true },
        routing_key: 'a.*',
      }
      const { messages } = await kombu.request('consume', { connection, queues: [there] })
      expect(messages[0]).toMatchObject({
        body: { json: { hello: 'wörld', n: [1, 2.5] } },
        content_type: 'application/json',
        content_encoding: 'utf-8',
        headers,
        delivery_info: { exchange: exchange.name, routing_key: 'a.b', redelivered: false },
      })
      expect(messages[0]?.properties).toMatchObject({
        correlation_id: 'cid',
        reply_to: 'r',
        message_id: 'm',
        priority: 3,
        delivery_mode: 2,
        expiration: '60000',
      })
      await queue.delete(ours.defaultChannel)
    }))

  test('publishes what we consume, the types of its headers included', (context) =>
    meet(context, variable, async ({ kombu, connection, ours }) => {
      const name = `kombu.${randomUUID()}`
      await kombu.request('publish', {
        connection,
        body: { json: { from: 'python' } },
        routing_key: name,
        declare: [{ queue: { name } }],
        headers: { ...headers, big: 2 ** 53 - 1 },
        correlation_id: 'cid',
        expiration: 60,
      })
      const message = await next(ours, new Queue(name))
      expect(message.payload).toEqual({ from: 'python' })
      expect(message.headers).toEqual({ ...headers, big: 2 ** 53 - 1 })
      expect(message.properties).toMatchObject({ correlationId: 'cid', expiration: '60000' })
      await ours.defaultChannel.deleteQueue(name)
    }))

  test('bodies of all kinds go both ways', (context) =>
    meet(context, variable, async ({ kombu, connection, ours }) => {
      const name = `kombu.${randomUUID()}`
      const queue = new Queue(name)
      await ours.producer().publish('tëxt', { routingKey: name, declare: [queue] })
      await ours.producer().publish(Buffer.of(0, 255), { routingKey: name })
      await ours.producer().publish({ z: 1 }, { routingKey: name, compression: 'zlib' })
      const { messages } = await kombu.request('consume', {
        connection,
        queues: [{ name }],
        count: 3,
        accept: ['json', 'text/plain', 'application/data'],
      })
      expect(messages.map(({ body }) => body)).toEqual([
        { json: 'tëxt' },
        { base64: 'AP8=' },
        { json: { z: 1 } },
      ])
      for (const body of [{ json: 'tëxt' }, { base64: 'AP8=' }] as const)
        await kombu.request('publish', {
          connection,
          body,
          routing_key: name,
          serializer: 'base64' in body ? 'raw' : 'json',
        })
      await kombu.request('publish', {
        connection,
        body: { json: { z: 1 } },
        routing_key: name,
        compression: 'zlib',
      })
      expect((await next(ours, queue)).payload).toBe('tëxt')
      expect([...(await next(ours, queue)).body]).toEqual([0, 255])
      expect((await next(ours, queue)).payload).toEqual({ z: 1 })
      await queue.delete(ours.defaultChannel)
    }))

  test('holds, gives back and acknowledges as we do', (context) =>
    meet(context, variable, async ({ kombu, connection, ours }) => {
      const name = `kombu.${randomUUID()}`
      const queue = new Queue(name)
      await ours.producer().publish(1, { routingKey: name, declare: [queue] })
      const { consumer } = await kombu.request('subscribe', { connection, queues: [{ name }] })
      const { messages } = await kombu.request('receive', { consumer })
      await kombu.request('requeue', { message: messages[0]?.message ?? '' })
      await kombu.request('receive', { consumer })
      await kombu.request('cancel', { consumer })
      const message = await next(ours, queue)
      expect(message.redelivered).toBe(true)
      expect(await kombu.request('qsize', { connection, queue: name })).toEqual({ messages: 0 })
      await queue.delete(ours.defaultChannel)
    }))
})

test('Kombu 5.6 shares the topology of delayed delivery', (context) =>
  meet(context, 'DASHI_TEST_PYTHON_56', async ({ kombu, connection, ours }) => {
    const channel = ours.defaultChannel
    const exchange = new Exchange(`kombu.${randomUUID()}`, { type: 'topic', autoDelete: true })
    const queue = new Queue(`kombu.${randomUUID()}`, { exchange, routingKey: 'tasks' })
    await declareDelayedDelivery(channel, { queueType: 'classic' })
    await queue.declare(channel)
    expect(await bindToDelayedDelivery(channel, queue)).toEqual([])
    const began = performance.now()
    const routingKey = calculateRoutingKey(1, 'tasks')
    await ours.producer().publish('ours', { exchange: levelName(27), routingKey })
    await kombu.request('publish', {
      connection,
      body: { json: 'theirs' },
      exchange: levelName(27),
      routing_key: calculateRoutingKey(2, 'tasks'),
    })
    const first = await next(ours, queue)
    expect(performance.now() - began).toBeGreaterThan(990)
    const second = await next(ours, queue)
    expect(performance.now() - began).toBeGreaterThan(1_990)
    expect([first.payload, second.payload]).toEqual(['ours', 'theirs'])
    expect(first.deliveryInfo).toMatchObject({ exchange: 'celery_delayed_delivery', routingKey })
    expect(first.headers['x-death']).toMatchObject([{ queue: 'celery_delayed_0' }])
    await queue.delete(channel)
  }))

test('a decimal and a time in a header are what they were', async () => {
  await using ours = new Connection(server.url)
  const queue = new Queue(`kombu.${randomUUID()}`, { exclusive: true })
  const exact = { price: new Decimal('12.50'), at: new Date('2023-11-14T22:13:20Z') }
  await ours.producer().publish(1, { routingKey: queue.name, declare: [queue], headers: exact })
  expect((await next(ours, queue)).headers).toEqual(exact)
})
