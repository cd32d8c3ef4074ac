import { describe, expect, test } from 'vitest'
import { PublishError } from '../errors.ts'
import { MemoryBroker } from '../memory/memory-broker.ts'
import { MemorySession } from '../memory/memory-session.ts'
import type { OutgoingMessage } from '../message/envelope.ts'
import { VirtualPublisher } from './publisher.ts'
import type { QueueStore, StoreSession } from './queue-store.ts'
import { VirtualTopology } from './topology.ts'
import { type VirtualOptions, virtualSettings } from './virtual-options.ts'

interface Harness {
  readonly options?: VirtualOptions
  readonly maxPayloadBytes?: number
  readonly session?: Partial<StoreSession>
}

function harness({ options = {}, maxPayloadBytes = 10_000, session: more = {} }: Harness = {}) {
  const broker = new MemoryBroker()
  const session: StoreSession = Object.assign(new MemorySession(broker), more)
  const store = {
    name: 'test',
    maxPayloadBytes,
    capabilities: { exchangeTypes: ['direct', 'topic', 'fanout'] },
  } as unknown as QueueStore // nothing else is read
  const topology = new VirtualTopology(store)
  for (const type of ['direct', 'topic', 'fanout'])
    topology.addExchange({
      ...{ name: type, type, durable: true, autoDelete: false, passive: false, arguments: {} },
    })
  const parts = {
    store,
    session,
    bindings: broker.bindings,
    topology,
    settings: virtualSettings(options),
  }
  const publisher = new VirtualPublisher(parts, { publishTimeoutMs: 1_000 })
  const bind = (exchange: string, queue: string, routingKey = '') =>
    broker.bindings.bind({ exchange, exchangeType: exchange, queue, routingKey, arguments: {} })
  return { broker, publisher, bind }
}

function message(
  exchange: string,
  routingKey: string,
  more: Partial<OutgoingMessage> = {},
): OutgoingMessage {
  return {
    exchange,
    routingKey,
    ...{ contentType: 'text/plain', contentEncoding: 'utf-8', headers: {}, properties: {} },
    ...{ body: 'x', mandatory: true },
    ...more,
  }
}

describe('VirtualPublisher', () => {
  test('the default exchange leads to the queue of that name', async () => {
    const { broker, publisher } = harness()
    await publisher.publish(message('', 'q'))
    expect(broker.find('q')?.size).toBe(1)
  })

  test('routes by the bindings, once per queue', async () => {
    const { broker, publisher, bind } = harness()
    await bind('topic', 'a', 'k.*')
    await bind('topic', 'a', '#')
    await bind('topic', 'b', 'other')
    await bind('fanout', 'b')
    await publisher.publish(message('topic', 'k.1'))
    await publisher.publish(message('fanout', 'any'))
    expect(broker.find('a')?.size).toBe(1)
    expect(broker.find('b')?.size).toBe(1)
  })

  test('what no queue takes is refused, ignored, or kept, as told', async () => {
    const { publisher } = harness()
    await expect(publisher.publish(message('direct', 'k'))).rejects.toMatchObject({
      code: 'UNROUTABLE',
    })
    await publisher.publish(message('direct', 'k', { mandatory: false }))
    expect(publisher.unroutableCount).toBe(1)
    const keeping = harness({ options: { deadletterQueue: 'dead' } })
    await keeping.publisher.publish(message('direct', 'k'))
    expect(keeping.broker.find('dead')?.size).toBe(1)
  })

  test('an exchange of unknown type is never guessed', async () => {
    const { broker, publisher } = harness()
    const publishing = publisher.publish(message('elsewhere', 'k'))
    await expect(publishing).rejects.toMatchObject({ code: 'EXCHANGE_NOT_DECLARED' })
    await broker.bindings.declareExchange('elsewhere', 'fanout')
    await publisher.publish(message('elsewhere', 'k', { mandatory: false }))
  })

  test.each([
    ['a body', { body: new Uint8Array(2_000) }],
    ['a body of which only the base64 is too large', { body: new Uint8Array(800) }],
    ['wide text in a header', { headers: { wide: '€'.repeat(300) } }],
  ])('%s beyond the bound is refused before anything is sent', async (_, more) => {
    const { broker, publisher } = harness({ maxPayloadBytes: 1_000 })
    await expect(publisher.publish(message('', 'q', more))).rejects.toThrow(PublishError)
    await expect(publisher.publish(message('', 'q', more))).rejects.toMatchObject({
      code: 'TOO_LARGE',
    })
    expect(broker.find('q')).toBeUndefined()
  })

  test('broadcasts are numbered per sender and key', async () => {
    const sent: { sender: string; sequence: number }[] = []
    const broadcaster = {
      async publish(_exchange: string, _key: string, payload: string) {
        sent.push(JSON.parse(payload).properties)
        return 0
      },
      subscribe: () => Promise.reject(new Error('not to be called')),
    }
    const { publisher } = harness({ session: { broadcaster } })
    for (const key of ['a', 'a', 'b'])
      await publisher.publish(message('fanout', key, { mandatory: false }))
    expect(sent.map(({ sequence }) => sequence)).toEqual([1, 2, 1])
    expect(new Set(sent.map(({ sender }) => sender)).size).toBe(1)
    await expect(publisher.publish(message('fanout', 'a'))).rejects.toMatchObject({
      code: 'UNROUTABLE',
    })
  })

  test('a store that routes is asked once per turn', async () => {
    const batches: number[] = []
    const route: StoreSession['route'] = async (messages) => {
      batches.push(messages.length)
      return messages.map(({ routingKey }) => (routingKey === 'nobody' ? 0 : 1))
    }
    const { publisher } = harness({ session: { route } })
    const [first, second] = await Promise.allSettled([
      publisher.publish(message('direct', 'k')),
      publisher.publish(message('topic', 'nobody')),
    ])
    expect(batches).toEqual([2])
    expect(first.status).toBe('fulfilled')
    expect(second).toMatchObject({ status: 'rejected', reason: { code: 'UNROUTABLE' } })
  })

  test('a store whose route() throws at once refuses by promise', async () => {
    const route = () => {
      throw new Error('broken')
    }
    const { publisher } = harness({ session: { route } })
    await expect(publisher.publish(message('direct', 'k'))).rejects.toThrow('broken')
  })

  test('done() waits for what was published before', async () => {
    const stored = Promise.withResolvers<void>()
    const { publisher } = harness({ session: { put: () => stored.promise } })
    let isDone = false
    const publishing = publisher.publish(message('', 'q'))
    const done = publisher.done().then(() => {
      isDone = true
    })
    await new Promise((resolve) => setImmediate(resolve))
    expect(isDone).toBe(false)
    stored.resolve()
    await Promise.all([publishing, done])
  })
})
