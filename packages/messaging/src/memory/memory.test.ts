import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { Connection } from '../connection.ts'
import { Queue } from '../entity/queue.ts'
import { ConfigurationError, ConnectionError } from '../errors.ts'
import { memory } from './memory.ts'
import { MemoryBroker } from './memory-broker.ts'
import { MemoryQueue } from './memory-queue.ts'
import { MemorySession } from './memory-session.ts'

const envelope = JSON.stringify({
  body: 'x',
  properties: { delivery_tag: 't', delivery_info: { exchange: '', routing_key: 'q' } },
})

describe('MemoryQueue', () => {
  test('serves the highest priority first, equal ones in order', () => {
    const queue = new MemoryQueue()
    for (const [payload, priority] of [
      ['a', 0],
      ['b', 9],
      ['c', 0],
      ['d', 200],
      ['e', -1],
    ] as const)
      queue.push(payload, priority)
    const order = Array.from({ length: 5 }, () => queue.shift()?.payload)
    expect(order).toEqual(['b', 'd', 'a', 'c', 'e'])
    expect(queue.shift()).toBeUndefined()
    expect(queue.size).toBe(0)
  })

  test('keeps its order over many messages and puts back in front', () => {
    const queue = new MemoryQueue()
    for (let number = 0; number < 5_000; number += 1) queue.push(String(number), 0)
    for (let number = 0; number < 4_000; number += 1)
      expect(queue.shift()?.payload).toBe(String(number))
    queue.pushFirst('front', 0)
    expect(queue.shift()?.payload).toBe('front')
    expect(queue.shift()?.payload).toBe('4000')
    expect(queue.clear()).toBe(999)
  })
})

describe('MemorySession', () => {
  test('what a session holds comes back in order, marked, when it ends', async () => {
    const broker = new MemoryBroker()
    const session = new MemorySession(broker)
    await session.put(
      [1, 2, 3].map((n) => ({
        queue: 'q',
        payload: envelope.replace('"x"', `"${n}"`),
        priority: 0,
      })),
    )
    await session.take({ queues: ['q'], limit: 2, noAck: false })
    session.destroy()
    const other = new MemorySession(broker)
    const leases = await other.take({ queues: ['q'], limit: 10, noAck: false })
    const messages = leases.map(({ payload }) => JSON.parse(String(payload)))
    expect(messages.map(({ body }) => body)).toEqual(['1', '2', '3'])
    expect(messages.map(({ redelivered }) => redelivered)).toEqual([true, true, undefined])
  })

  test('foreign bytes come back as they are', async () => {
    const broker = new MemoryBroker()
    const session = new MemorySession(broker)
    const bytes = Uint8Array.of(0xff, 0)
    broker.queue('q').push(bytes, 0)
    await session.take({ queues: ['q'], limit: 1, noAck: false })
    await session.close()
    expect(broker.queue('q').shift()?.payload).toBe(bytes)
  })

  test('settles a lease once', async () => {
    const session = new MemorySession(new MemoryBroker())
    await session.put([{ queue: 'q', payload: envelope, priority: 0 }])
    const [lease] = await session.take({ queues: ['q'], limit: 1, noAck: false })
    const settlement = { outcome: 'done', token: lease?.token ?? '', queue: 'q' } as const
    expect(await session.settle([settlement, settlement])).toEqual([true, false])
  })

  test('a wait ends when its queue is deleted, so that the next one of that name is seen', async () => {
    const broker = new MemoryBroker()
    const session = new MemorySession(broker)
    const waiting = session.wait(['q'], new AbortController().signal)
    broker.remove('q')
    await waiting
  })

  test('a wait ends with its session, by an error', async () => {
    const session = new MemorySession(new MemoryBroker())
    const waiting = session.wait(['q'], new AbortController().signal)
    session.destroy()
    await expect(waiting).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
    await expect(session.put([])).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
    expect(await session.closed).toBeInstanceOf(ConnectionError)
  })

  test('after close() everything is refused as closed', async () => {
    const session = new MemorySession(new MemoryBroker())
    await session.close()
    session.destroy()
    await expect(session.put([])).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' })
    expect(await session.closed).toBeUndefined()
  })
})

describe('memory transport', () => {
  test('a message that goes round and round leaves room for timers', async () => {
    await using connection = new Connection(memory())
    let count = 0
    const consumer = connection.consumer({
      queues: new Queue('q'),
      onMessage: (message) => {
        count += 1
        message.requeue()
      },
    })
    await consumer.consume()
    await connection.producer().publish(1, { routingKey: 'q' })
    await sleep(20)
    expect(count).toBeGreaterThan(10)
  })

  test('URLs of one name lead to one broker in this process', async () => {
    const name = crypto.randomUUID()
    await using first = new Connection(`memory://${name}`)
    await using second = new Connection(`memory://${name}`)
    await using other = new Connection('memory://')
    await first.producer().publish('hello', { routingKey: 'q' })
    expect((await second.defaultChannel.get('q'))?.payload).toBe('hello')
    expect(await other.defaultChannel.get('q')).toBeUndefined()
  })

  test('refuses options that do not exist', async () => {
    await using connection = new Connection('memory://', { transportOptions: { maxtake: 1 } })
    await expect(connection.connect()).rejects.toThrow(ConfigurationError)
    await expect(connection.connect()).rejects.toThrow('maxTake')
  })
})
