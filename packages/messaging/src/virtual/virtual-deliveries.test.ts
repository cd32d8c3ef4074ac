import { describe, expect, test } from 'vitest'
import { MemoryBroker } from '../memory/memory-broker.ts'
import { MemorySession } from '../memory/memory-session.ts'
import { type Door, door } from '../testing/staged-transport.ts'
import type { Delivery, TransportChannel } from '../transport/transport.ts'
import type { QueueStore, StoredMessage, StoreSession, TakeRequest } from './queue-store.ts'
import { VirtualConnection } from './virtual-connection.ts'
import { virtualSettings } from './virtual-options.ts'

/** A memory store whose takes can be held up after they were made. */
async function opened(
  taken: (request: TakeRequest) => Promise<void> | void = () => undefined,
  putting: () => Promise<void> | void = () => undefined,
) {
  const broker = new MemoryBroker()
  const memory = new MemorySession(broker)
  const take = memory.take.bind(memory)
  const put = memory.put.bind(memory)
  const session: StoreSession = Object.assign(memory, {
    async take(request: TakeRequest) {
      const leases = await take(request)
      await taken(request)
      return leases
    },
    async put(messages: readonly StoredMessage[]) {
      await putting()
      await put(messages)
    },
  })
  const store = {
    name: 'test',
    maxPayloadBytes: 1_000_000,
    capabilities: { exchangeTypes: ['direct', 'fanout'] },
  } as unknown as QueueStore // nothing else is read
  const settings = virtualSettings({})
  const connection = new VirtualConnection(store, session, { settings, publishTimeoutMs: 1_000 })
  const channel = await connection.openChannel()
  const send = (queue: string, body: string) =>
    channel.publish({
      ...{ exchange: '', routingKey: queue, contentType: 'text/plain', contentEncoding: 'utf-8' },
      ...{ headers: {}, properties: {}, body, mandatory: false },
    })
  return { broker, connection, channel, send }
}

function consume(channel: TransportChannel, queue: string, noAck = false) {
  const deliveries: Delivery[] = []
  let arrived = Promise.withResolvers<void>()
  const sink = {
    onDelivery: (delivery: Delivery) => {
      deliveries.push(delivery)
      arrived.resolve()
      arrived = Promise.withResolvers()
    },
    onCancelled: () => undefined,
  }
  const options = { consumerTag: `tag-${queue}`, noAck, exclusive: false, arguments: {} }
  const count = async (wanted: number) => {
    while (deliveries.length < wanted) await arrived.promise
  }
  return { deliveries, count, started: channel.consume(queue, sink, options) }
}

const bodies = (deliveries: readonly Delivery[]) =>
  deliveries.map(({ message }) => Buffer.from(String(message.body.data), 'base64').toString())

async function drained(channel: TransportChannel, queue: string): Promise<readonly string[]> {
  const deliveries: Delivery[] = []
  for (;;) {
    const delivery = await channel.get(queue, { noAck: true })
    if (!delivery) return bodies(deliveries)
    deliveries.push(delivery)
  }
}

describe('a take that is under way', () => {
  let gate: Door

  async function during(noAck: boolean) {
    gate = door()
    let isFirst = true
    const stage = await opened((request) => {
      if (!isFirst || request.limit === 1) return
      isFirst = false
      return gate.pass()
    })
    for (const body of ['1', '2', '3']) await stage.send('q', body)
    const consumer = consume(stage.channel, 'q', noAck)
    await consumer.started
    await gate.reached
    return { ...stage, ...consumer }
  }

  test.each([false, true])(
    'when the consumer is cancelled gives back in order (noAck %s)',
    async (noAck) => {
      const { channel, connection, deliveries } = await during(noAck)
      await channel.cancel('tag-q', {})
      gate.open()
      await channel.close({})
      const next = await connection.openChannel()
      expect(await drained(next, 'q')).toEqual(['1', '2', '3'])
      expect(deliveries).toEqual([])
    },
  )

  test.each([false, true])(
    'when the channel closes gives back in order (noAck %s)',
    async (noAck) => {
      const { channel, connection, deliveries } = await during(noAck)
      const closing = channel.close({})
      gate.open()
      await closing
      const next = await connection.openChannel()
      expect(await drained(next, 'q')).toEqual(['1', '2', '3'])
      expect(deliveries).toEqual([])
    },
  )

  test('without a lease is back when close() resolves', async () => {
    const taking = door()
    const putting = door()
    let isClosing = false
    const { broker, channel, send } = await opened(
      () => taking.pass(),
      () => (isClosing ? putting.pass() : undefined),
    )
    await send('q', '1')
    await consume(channel, 'q', true).started
    await taking.reached
    isClosing = true
    const closing = channel.close({}).then(() => broker.find('q')?.size)
    taking.open()
    await putting.reached
    await new Promise((resolve) => setImmediate(resolve))
    putting.open()
    expect(await closing).toBe(1)
  })

  test('when the flow stops delivers nothing until it goes on', async () => {
    const { channel, deliveries, count } = await during(false)
    await channel.flow(false, {})
    gate.open()
    await new Promise((resolve) => setImmediate(resolve))
    expect(deliveries).toEqual([])
    await channel.flow(true, {})
    await count(3)
    expect(bodies(deliveries)).toEqual(['1', '2', '3'])
    expect(deliveries.map(({ message }) => message.redelivered)).toEqual([false, false, false])
  })
})

describe('settling', () => {
  test('with multiple is for what was delivered before, on this channel', async () => {
    const { channel, broker, send } = await opened()
    for (const body of ['1', '2', '3']) await send('q', body)
    const { deliveries, count } = consume(channel, 'q')
    await count(3)
    channel.settle(deliveries[1]?.handle ?? 0, 'requeue', { multiple: true })
    await channel.settled({})
    await count(5)
    expect(bodies(deliveries)).toEqual(['1', '2', '3', '1', '2'])
    expect(broker.find('q')?.size).toBe(0)
  })

  test('what was given back by recover() is late, each time it is tried', async () => {
    const { channel, send } = await opened()
    await send('q', '1')
    const first = await channel.get('q', { noAck: false })
    await channel.recover({})
    channel.settle(first?.handle ?? 0, 'ack', { multiple: false })
    expect(await channel.settled({})).toBe(1)
    expect(await channel.settled({})).toBe(0)
    expect(await drained(channel, 'q')).toEqual(['1'])
  })

  test('a rejected message is settled when its letter is stored', async () => {
    const { channel, connection, send } = await opened()
    const letters = { name: 'dead', type: 'direct' }
    const flags = { durable: true, exclusive: false, autoDelete: false, passive: false }
    await channel.declareExchange({ ...letters, ...flags, arguments: {} }, {})
    await channel.declareQueue({ name: 'letters', ...flags, arguments: {} }, {})
    const to = { exchange: 'dead', destination: 'letters', routingKey: 'q', arguments: {} }
    await channel.bindQueue(to, {})
    const withLetters = { 'x-dead-letter-exchange': 'dead' }
    await channel.declareQueue({ name: 'q', ...flags, arguments: withLetters }, {})
    await send('q', '1')
    const delivery = await channel.get('q', { noAck: false })
    channel.settle(delivery?.handle ?? 0, 'reject', { multiple: false })
    expect(await channel.settled({})).toBe(0)
    expect(await drained(channel, 'letters')).toEqual(['1'])
    await connection.close()
  })
})

describe('deleting a queue', () => {
  test('takes what is held with it, and does not call it late', async () => {
    const { channel, broker, send } = await opened()
    for (const body of ['1', '2']) await send('q', body)
    const { deliveries, count } = consume(channel, 'q')
    await count(2)
    await channel.deleteQueue('q', {})
    channel.settle(deliveries[0]?.handle ?? 0, 'ack', { multiple: false })
    expect(await channel.settled({})).toBe(0)
    await channel.close({})
    expect(broker.find('q')?.size ?? 0).toBe(0)
  })
})

describe('closing the connection', () => {
  test('ends the session although a channel cannot close', async () => {
    const { connection, channel } = await opened()
    channel.close = () => Promise.reject(new Error('stuck'))
    await expect(connection.close()).rejects.toThrow('stuck')
    expect(await connection.closed).toBeUndefined()
  })
})
