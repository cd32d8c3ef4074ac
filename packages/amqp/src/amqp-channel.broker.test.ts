import { randomUUID } from 'node:crypto'
import {
  ChannelError,
  type Delivery,
  type MessagingError,
  OutcomeUnknownError,
  type OutgoingMessage,
  PublishError,
  type QueueDeclaration,
  type TransportChannel,
  type TransportConnection,
  UnsupportedError,
} from '@dashi/messaging/transport'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type SharedRabbitmq, sharedRabbitmq } from '../../../tools/brokers/rabbitmq.ts'
import { amqp } from './amqp.ts'
import type { AmqpOptions } from './options.ts'

let server: SharedRabbitmq
const opened: TransportConnection[] = []
const notices: MessagingError[] = []
let confirmedCount = 0

beforeAll(async () => {
  server = await sharedRabbitmq()
}, 60_000)

afterEach(async () => {
  for (const connection of opened.splice(0)) await connection.close({})
  notices.length = 0
  confirmedCount = 0
})

afterAll(async () => {
  await server[Symbol.asyncDispose]()
})

async function connect(options: AmqpOptions = {}, publishTimeoutMs = 10_000) {
  const place = { host: '127.0.0.1', port: Number(new URL(server.url).port) }
  const connection = await amqp({ ...place, ...options }).connect({
    publishTimeoutMs,
    report: (notice) => notices.push(notice),
    onConfirmed: (count) => {
      confirmedCount += count
    },
  })
  opened.push(connection)
  return connection
}

async function open(options: AmqpOptions = {}): Promise<TransportChannel> {
  return await (await connect(options)).openChannel({})
}

function queue(given: Partial<QueueDeclaration> = {}): QueueDeclaration {
  const name = `test.${randomUUID()}`
  const flags = { durable: false, exclusive: true, autoDelete: true, passive: false }
  return { name, ...flags, arguments: {}, ...given }
}

function message(routingKey: string, given: Partial<OutgoingMessage> = {}): OutgoingMessage {
  return {
    exchange: '',
    routingKey,
    contentType: 'text/plain',
    contentEncoding: 'utf-8',
    headers: {},
    properties: {},
    body: 'x',
    mandatory: true,
    ...given,
  }
}

/** Deliveries of a consumer, to be waited for. */
function receiver() {
  const deliveries: Delivery[] = []
  const cancelled = Promise.withResolvers<MessagingError>()
  let grown = Promise.withResolvers<void>()
  const arrived = async (count: number) => {
    while (deliveries.length < count) await grown.promise
    return deliveries
  }
  const onDelivery = (delivery: Delivery) => {
    deliveries.push(delivery)
    grown.resolve()
    grown = Promise.withResolvers()
  }
  return { deliveries, arrived, cancelled, sink: { onDelivery, onCancelled: cancelled.resolve } }
}

const consumeOptions = (consumerTag: string) => ({
  consumerTag,
  noAck: false,
  exclusive: false,
  arguments: {},
})

const bodyOf = ({ message: { body } }: Delivery) => Buffer.from(body.data).toString()

describe('publishing', () => {
  test('each of many in flight has its own outcome', async () => {
    const channel = await open()
    const { name } = queue()
    await channel.declareQueue(queue({ name }), {})
    const outcomes = await Promise.allSettled(
      Array.from({ length: 600 }, (_, index) => {
        const routingKey = index % 3 === 0 ? `${name}.missing` : name
        return channel.publish(message(routingKey, { body: String(index) }))
      }),
    )
    for (const [index, outcome] of outcomes.entries()) {
      expect(outcome.status).toBe(index % 3 === 0 ? 'rejected' : 'fulfilled')
      if (outcome.status === 'rejected') {
        expect(outcome.reason).toBeInstanceOf(PublishError)
        expect(outcome.reason.code).toBe('UNROUTABLE')
      }
    }
    expect(confirmedCount).toBe(400)
    expect(await channel.purgeQueue(name, {})).toBe(400)
  })

  test('a full queue that rejects is a refusal', async () => {
    const channel = await open()
    const { name } = queue()
    const limits = { 'x-max-length': 1, 'x-overflow': 'reject-publish' }
    await channel.declareQueue(queue({ name, arguments: limits }), {})
    await channel.publish(message(name))
    const error = await channel.publish(message(name)).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(PublishError)
    expect(error).not.toBeInstanceOf(OutcomeUnknownError)
    expect(error).toMatchObject({ code: 'REFUSED' })
  })

  test('a missing exchange refuses its messages, and those behind are sent again', async () => {
    const channel = await open()
    const { name } = queue()
    await channel.declareQueue(queue({ name }), {})
    await channel.publish(message(name))
    const results = await Promise.allSettled([
      channel.publish(message(name, { exchange: 'nowhere' })),
      ...Array.from({ length: 50 }, () => channel.publish(message(name))),
    ])
    expect(results[0]).toMatchObject({ reason: { code: 'EXCHANGE_NOT_DECLARED' } })
    expect(results.slice(1).every(({ status }) => status === 'fulfilled')).toBe(true)
    expect(await channel.purgeQueue(name, {})).toBe(51)
  })

  test('a lost connection makes what was written unknown, and what waited lost', async () => {
    const connection = await connect({ maxUnconfirmed: 10 })
    const channel = await connection.openChannel({})
    const { name } = queue()
    await channel.declareQueue(queue({ name }), {})
    await channel.publish(message(name))
    const publishing = Array.from({ length: 20 }, () => channel.publish(message(name)))
    const settled = Promise.allSettled(publishing)
    connection.destroy()
    const codes = (await settled).map((one) => one.status === 'rejected' && one.reason.code)
    expect(codes.slice(0, 10)).toEqual(new Array(10).fill('OUTCOME_UNKNOWN'))
    expect(new Set(codes.slice(10))).toEqual(new Set(['CONNECTION_CLOSED']))
    opened.length = 0
  })

  test('more than may be unconfirmed wait their turn', async () => {
    const channel = await open({ maxUnconfirmed: 7 })
    const { name } = queue()
    await channel.declareQueue(queue({ name }), {})
    await Promise.all(Array.from({ length: 500 }, () => channel.publish(message(name))))
    expect(await channel.purgeQueue(name, {})).toBe(500)
  })

  test('large bodies of several frames arrive whole', async () => {
    const channel = await open({ frameMax: 4_096 })
    const { name } = queue()
    await channel.declareQueue(queue({ name }), {})
    const bodies = [4_087, 4_088, 4_089, 100_000].map((size) => Buffer.alloc(size, 'ü'))
    await Promise.all(bodies.map((body) => channel.publish(message(name, { body }))))
    for (const body of bodies) {
      const delivery = await channel.get(name, { noAck: true })
      expect(Buffer.compare(Buffer.from(delivery?.message.body.data ?? ''), body)).toBe(0)
    }
  })

  test('without confirms it is told of what nobody took', async () => {
    const channel = await open({ confirms: false })
    await channel.publish(message('test.nowhere'))
    const { name } = queue()
    await channel.declareQueue(queue({ name }), {})
    await channel.publish(message(name))
    for (;;) {
      const { messageCount } = await channel.declareQueue(queue({ name, passive: true }), {})
      if (messageCount === 1) break
    }
    expect(notices[0]).toMatchObject({ code: 'UNROUTABLE' })
  })
})

describe('headers', () => {
  test('every type arrives as it was sent, also after the broker has written it anew', async () => {
    const channel = await open()
    const [name, dead] = [queue().name, queue().name]
    const letters = { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': dead }
    await channel.declareQueue(queue({ name: dead }), {})
    await channel.declareQueue(queue({ name, arguments: letters }), {})
    const headers = {
      small: 5,
      negative: -300,
      large: 2 ** 40,
      float: 0.1,
      text: 'ü',
      yes: true,
      nothing: null,
      list: [1, 'a', { deep: -1 }],
      bytes: Buffer.of(0, 255),
      when: new Date('2023-11-14T22:13:20Z'),
    }
    await channel.publish(message(name, { headers }))
    const first = await channel.get(name, { noAck: false })
    expect(first?.message.headers).toEqual(headers)
    channel.settle(first?.handle ?? 0, 'reject', { multiple: false })
    await channel.settled({})
    const second = await channel.get(dead, { noAck: true })
    expect(second?.message.headers).toMatchObject(headers)
    expect(second?.message.headers['x-first-death-reason']).toBe('rejected')
  })
})

describe('consuming', () => {
  test('at most so many are held, also by several consumers of a channel', async () => {
    const channel = await open()
    const [first, second] = [queue().name, queue().name]
    const received = receiver()
    await channel.qos(3, {})
    for (const name of [first, second]) {
      await channel.declareQueue(queue({ name }), {})
      for (let body = 0; body < 5; body++) {
        await channel.publish(message(name, { body: String(body) }))
      }
      await channel.consume(name, received.sink, consumeOptions(name))
    }
    await received.arrived(3)
    await channel.settled({})
    expect(received.deliveries.length).toBe(3)
    for (let count = 0; count < 10; count++) {
      const delivery = received.deliveries[count] ?? (await received.arrived(count + 1))[count]
      channel.settle(delivery?.handle ?? 0, 'ack', { multiple: false })
      expect(received.deliveries.length - count).toBeLessThanOrEqual(3)
    }
    await channel.settled({})
    expect(received.deliveries.map(bodyOf).sort()).toEqual([...'0011223344'])
  })

  test('a higher limit counts at once', async () => {
    const channel = await open()
    const { name } = queue()
    await channel.declareQueue(queue({ name }), {})
    const received = receiver()
    await channel.qos(1, {})
    await channel.consume(name, received.sink, consumeOptions(name))
    await Promise.all(Array.from({ length: 10 }, () => channel.publish(message(name))))
    await received.arrived(1)
    await channel.qos(4, {})
    await received.arrived(4)
    await channel.settled({})
    expect(received.deliveries.length).toBe(4)
  })

  test.each([
    { autoDelete: false, noAck: false },
    { autoDelete: true, noAck: false },
    { autoDelete: true, noAck: true },
  ])('a pause and its end lose nothing: %o', async ({ autoDelete, noAck }) => {
    const channel = await open()
    const { name } = queue()
    await channel.declareQueue(queue({ name, autoDelete, exclusive: false }), {})
    const received = receiver()
    await channel.consume(name, received.sink, { ...consumeOptions(name), noAck })
    await channel.flow(false, {})
    for (const body of '123') await channel.publish(message(name, { body }))
    await channel.settled({})
    expect(received.deliveries.length).toBe(0)
    await channel.flow(true, {})
    expect((await received.arrived(3)).map(bodyOf)).toEqual(['1', '2', '3'])
    await channel.deleteQueue(name, {})
  })

  test('a cancelled consumer gives back what waited above the limit', async () => {
    const connection = await connect()
    const channel = await connection.openChannel({})
    const [first, second] = [queue().name, queue({ autoDelete: false }).name]
    await channel.declareQueue(queue({ name: first }), {})
    await channel.declareQueue(queue({ name: second, autoDelete: false }), {})
    await channel.publish(message(first))
    await channel.publish(message(second, { body: 'kept' }))
    await channel.qos(1, {})
    const received = receiver()
    await channel.consume(first, received.sink, consumeOptions('a'))
    await received.arrived(1)
    await channel.consume(second, received.sink, consumeOptions('b'))
    await channel.settled({})
    await channel.cancel('b', {})
    await channel.settled({})
    const other = await connection.openChannel({})
    const again = await other.get(second, { noAck: true })
    expect(again && bodyOf(again)).toBe('kept')
  })

  test('after recover() late settlements are counted, and end nothing', async () => {
    const channel = await open()
    const { name } = queue()
    await channel.declareQueue(queue({ name }), {})
    await channel.publish(message(name))
    const received = receiver()
    await channel.consume(name, received.sink, consumeOptions(name))
    const [first] = await received.arrived(1)
    await channel.recover({})
    const [, second] = await received.arrived(2)
    expect(second?.message.redelivered).toBe(true)
    channel.settle(first?.handle ?? 0, 'ack', { multiple: false })
    expect(await channel.settled({})).toBe(1)
    channel.settle(second?.handle ?? 0, 'ack', { multiple: false })
    expect(await channel.settled({})).toBe(0)
    await channel.cancel(name, {})
  })

  test('deleting the queue ends its consumer only', async () => {
    const channel = await open()
    const [gone, kept] = [queue().name, queue().name]
    const [first, second] = [receiver(), receiver()]
    for (const [name, { sink }] of [[gone, first] as const, [kept, second] as const]) {
      await channel.declareQueue(queue({ name }), {})
      await channel.consume(name, sink, consumeOptions(name))
    }
    await channel.deleteQueue(gone, {})
    expect(await first.cancelled.promise).toMatchObject({ code: 'CONSUMER_CANCELLED' })
    await channel.publish(message(kept))
    await second.arrived(1)
  })

  test('a listener that throws is reported, and the channel goes on', async () => {
    const channel = await open()
    const { name } = queue()
    await channel.declareQueue(queue({ name }), {})
    const received = receiver()
    const onDelivery = (delivery: Delivery) => {
      received.sink.onDelivery(delivery)
      throw new Error('no')
    }
    await channel.consume(name, { ...received.sink, onDelivery }, consumeOptions(name))
    await channel.publish(message(name))
    await channel.publish(message(name))
    await received.arrived(2)
    expect(notices[0]?.message).toContain('threw: no')
  })
})

describe('refusals', () => {
  test('of a declaration end neither the channel nor what it holds', async () => {
    const channel = await open()
    const { name } = queue()
    await channel.declareQueue(queue({ name }), {})
    await channel.publish(message(name))
    const held = await channel.get(name, { noAck: false })
    const asked = channel.declareQueue(queue({ name, arguments: { 'x-max-length': 5 } }), {})
    const error = await asked.catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(ChannelError)
    expect(error).toMatchObject({ code: 'PRECONDITION_FAILED' })
    expect(String(error)).toContain("inequivalent arg 'x-max-length'")
    const missing = channel.declareQueue(queue({ name: `${name}.no`, passive: true }), {})
    await expect(missing).rejects.toMatchObject({ code: 'NOT_FOUND' })
    channel.settle(held?.handle ?? 0, 'ack', { multiple: false })
    expect(await channel.settled({})).toBe(0)
  })

  test('of a consumer end its channel, with the reason, and no other', async () => {
    const connection = await connect()
    const [channel, other] = [await connection.openChannel({}), await connection.openChannel({})]
    const consuming = channel.consume('test.nowhere', receiver().sink, consumeOptions('t'))
    await expect(consuming).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(await channel.closed).toMatchObject({ code: 'NOT_FOUND' })
    await other.declareQueue(queue(), {})
  })

  test('a channel beyond the limit is refused, and the others go on', async () => {
    const connection = await connect({ channelMax: 2 })
    const channel = await connection.openChannel({})
    await channel.declareQueue(queue(), {})
    await expect(connection.openChannel({})).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' })
    await channel.declareQueue(queue(), {})
  })

  test('another connection may not use an exclusive queue', async () => {
    const { name } = queue()
    await (await open()).declareQueue(queue({ name }), {})
    const asked = (await open()).declareQueue(queue({ name, passive: true }), {})
    await expect(asked).rejects.toMatchObject({ code: 'RESOURCE_LOCKED' })
  })

  test('an exchange type that nobody has costs no connection', async () => {
    const channel = await open()
    const flags = { durable: false, autoDelete: true, passive: false, arguments: {} }
    const asked = channel.declareExchange({ name: 'test.odd', type: 'x-odd', ...flags }, {})
    await expect(asked).rejects.toBeInstanceOf(UnsupportedError)
    await channel.declareQueue(queue(), {})
  })
})

test('classic and quorum queues, exchanges bound to exchanges', async () => {
  const channel = await open()
  const names = ['classic', 'quorum'].map((type) => [type, `test.${type}.${randomUUID()}`] as const)
  const [from, to] = [`test.from.${randomUUID()}`, `test.to.${randomUUID()}`]
  const flags = { durable: true, autoDelete: false, passive: false, arguments: {} }
  await channel.declareExchange({ name: from, type: 'topic', ...flags }, {})
  await channel.declareExchange({ name: to, type: 'fanout', ...flags }, {})
  const link = { exchange: from, destination: to, routingKey: 'a.#', arguments: {} }
  await channel.bindExchange(link, {})
  for (const [type, name] of names) {
    const declaration = { name, exclusive: false, ...flags, arguments: { 'x-queue-type': type } }
    await channel.declareQueue(declaration, {})
    await channel.bindQueue({ exchange: to, destination: name, routingKey: '', arguments: {} }, {})
  }
  await channel.publish(message('a.b', { exchange: from }))
  const received = receiver()
  await channel.qos(10, {})
  for (const [, name] of names) await channel.consume(name, received.sink, consumeOptions(name))
  const deliveries = await received.arrived(2)
  expect(deliveries.map((one) => one.queue).sort()).toEqual(names.map(([, name]) => name).sort())
  for (const { handle } of deliveries) channel.settle(handle, 'ack', { multiple: false })
  await channel.settled({})
  await channel.unbindExchange(link, {})
  await expect(channel.publish(message('a.b', { exchange: from }))).rejects.toMatchObject({
    code: 'UNROUTABLE',
  })
  for (const [, name] of names) await channel.deleteQueue(name, {})
  for (const name of [from, to]) await channel.deleteExchange(name, {})
})
