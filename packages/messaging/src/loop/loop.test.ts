import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Connection } from '../connection.ts'
import { Queue } from '../entity/queue.ts'
import { memory } from '../memory/memory.ts'
import { MemoryBroker } from '../memory/memory-broker.ts'
import { drainConsumer } from './drain-consumer.ts'
import { eventloop } from './eventloop.ts'
import { itermessages } from './itermessages.ts'

const queue = new Queue('jobs')
let broker: MemoryBroker
let connection: Connection

beforeEach(async () => {
  broker = new MemoryBroker()
  connection = new Connection(memory({ broker }))
  await queue.declare(connection.defaultChannel)
})

afterEach(() => connection.close())

async function put(...bodies: readonly unknown[]): Promise<void> {
  for (const body of bodies) await connection.producer().publish(body, { routingKey: 'jobs' })
}

describe('eventloop()', () => {
  test('yields after each delivery, so many times', async () => {
    await using consumer = connection.consumer({ queues: queue, callbacks: [(_, m) => m.ack()] })
    await consumer.consume()
    await put(0)
    let count = 0
    for await (const _ of eventloop(connection, { limit: 2 })) {
      count += 1
      await put(count)
    }
    expect(count).toBe(2)
  })

  test('ends with the first silence, or goes on over it', async () => {
    const loop = eventloop(connection, { timeoutMs: 5 })
    await expect(loop.next()).rejects.toMatchObject({ code: 'TIMED_OUT' })
    let count = 0
    for await (const _ of eventloop(connection, { timeoutMs: 5, ignoreTimeouts: true, limit: 2 }))
      count += 1
    expect(count).toBe(0)
  })
})

describe('drainConsumer()', () => {
  test('yields bodies and messages, and cancels', async () => {
    await put(1, 2, 3)
    const also: unknown[] = []
    await using consumer = connection.consumer({ queues: queue })
    const seen: unknown[] = []
    for await (const [body, message] of drainConsumer(consumer, {
      limit: 3,
      callbacks: [(body) => also.push(body)],
    })) {
      seen.push(body)
      message.ack()
    }
    expect([seen, also]).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ])
    expect(consumer.consumingFrom(queue)).toBe(false)
    expect(broker.find('jobs')?.size).toBe(0)
  })

  test('ends when nothing comes, or is aborted', async () => {
    await using consumer = connection.consumer({ queues: queue })
    expect((await drainConsumer(consumer, { timeoutMs: 5 }).next()).done).toBe(true)
    const aborting = new AbortController()
    const next = drainConsumer(consumer, { signal: aborting.signal }).next()
    aborting.abort(new Error('stop'))
    await expect(next).rejects.toThrow('stop')
  })

  test('a consumer can be drained again', async () => {
    await using consumer = connection.consumer({ queues: queue, prefetchCount: 1 })
    for (const n of [1, 2]) {
      await put(n)
      for await (const [body, message] of drainConsumer(consumer)) {
        expect(body).toBe(n)
        message.ack()
      }
    }
  })
})

describe('itermessages()', () => {
  test('declares, yields so many, and takes no more', async () => {
    await put(1, 2, 3)
    const seen: unknown[] = []
    for await (const [body, message] of itermessages(connection, queue, { limit: 2 })) {
      seen.push(body)
      message.ack()
    }
    expect(seen).toEqual([1, 2])
    expect(broker.find('jobs')?.size).toBe(1)
  })

  test('gives back what is unsettled when the loop is left', async () => {
    await put(1, 2, 3)
    for await (const [body] of itermessages(connection, queue, { limit: 3 })) {
      expect(body).toBe(1)
      break
    }
    expect(broker.find('jobs')?.size).toBe(3)
  })

  test('uses the channel and the consumer options it is given', async () => {
    await put('text', { n: 1 })
    const channel = connection.channel()
    const unread: string[] = []
    const options = {
      channel,
      limit: 2,
      timeoutMs: 20,
      accept: ['json'],
      onDecodeError: (message: { ack(): void }, { code }: { code: string }) => {
        unread.push(code)
        message.ack()
      },
    }
    for await (const [body, message] of itermessages(connection, queue, options)) {
      expect(body).toEqual({ n: 1 })
      message.ack()
    }
    expect(unread).toEqual(['CONTENT_DISALLOWED'])
    expect(channel.isOpen).toBe(true)
  })
})
