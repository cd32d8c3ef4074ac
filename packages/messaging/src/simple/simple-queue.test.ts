import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Connection } from '../connection.ts'
import { Exchange } from '../entity/exchange.ts'
import { Queue } from '../entity/queue.ts'
import { memory } from '../memory/memory.ts'
import { MemoryBroker } from '../memory/memory-broker.ts'
import { SimpleBuffer } from './simple-buffer.ts'

let broker: MemoryBroker
let connection: Connection

beforeEach(() => {
  broker = new MemoryBroker()
  connection = new Connection(memory({ broker }))
})

afterEach(() => connection.close())

describe('SimpleQueue', () => {
  test('what was put can be got, in order', async () => {
    await using queue = connection.simpleQueue('jobs')
    await queue.put({ hello: 'world' }, { headers: { h: 1 } })
    await queue.put('text')
    const first = await queue.get()
    expect(first.payload).toEqual({ hello: 'world' })
    expect([first.contentType, first.contentEncoding]).toEqual(['application/json', 'utf-8'])
    expect(first.headers).toEqual({ h: 1 })
    first.ack()
    const second = await queue.get()
    expect(second.payload).toBe('text')
    second.ack()
  })

  test('a name stands for a durable queue and direct exchange', () => {
    const { queue, producer } = connection.simpleQueue('jobs')
    expect(queue.declaration).toMatchObject({ name: 'jobs', durable: true, autoDelete: false })
    expect(queue.exchange?.declaration).toMatchObject({ name: 'jobs', type: 'direct', durable: true }) // biome-ignore format: one line
    expect(queue.routingKey).toBe('jobs')
    expect(producer.exchange).toBe(queue.exchange)
    const other = connection.simpleQueue('jobs', {
      queueOptions: { maxLength: 5 },
      exchangeOptions: { type: 'topic' },
    })
    expect(other.queue).toMatchObject({ maxLength: 5, exchange: { type: 'topic' } })
  })

  test.for([
    new Queue('plain'),
    new Queue('bound', { exchange: new Exchange('e'), routingKey: 'k' }),
    new Queue('by bindings', { bindings: [new Exchange('e').binding({ routingKey: 'k' })] }),
  ])('takes the queue %s', async (given) => {
    await using queue = connection.simpleQueue(given)
    await queue.put(1)
    expect((await queue.get()).payload).toBe(1)
  })

  test('knows that it is empty', async () => {
    await using queue = connection.simpleQueue('jobs')
    expect(await queue.qsize()).toBe(0)
    await expect(queue.getNowait()).rejects.toMatchObject({
      name: 'EmptyError',
      code: 'EMPTY',
      message: 'Queue "jobs" is empty',
    })
    await expect(queue.get({ block: false })).rejects.toMatchObject({ code: 'EMPTY' })
    await expect(queue.get({ timeoutMs: 10 })).rejects.toMatchObject({
      code: 'EMPTY',
      message: 'No message came to queue "jobs" within 10 ms',
    })
  })

  test('counts and clears', async () => {
    await using queue = connection.simpleQueue('jobs')
    for (const n of [1, 2, 3]) await queue.put(n)
    expect(await queue.qsize()).toBe(3)
    expect(await queue.clear()).toBe(3)
    expect(await queue.qsize()).toBe(0)
  })

  test('get() waits for what comes later', async () => {
    await using queue = connection.simpleQueue('jobs')
    await using other = connection.clone()
    const waiting = queue.get({ timeoutMs: 5_000 })
    await other.simpleQueue('jobs').put('late')
    expect((await waiting).payload).toBe('late')
  })

  test('several waits get a message each, unsettled ones in their way or not', async () => {
    await using queue = connection.simpleQueue('jobs')
    const waits = [1, 2, 3].map(() => queue.get({ timeoutMs: 5_000 }))
    await using producer = connection.simpleQueue('jobs')
    for (const n of [1, 2, 3]) await producer.put(n)
    const messages = await Promise.all(waits)
    expect(messages.map(({ payload }) => payload).sort()).toEqual([1, 2, 3])
    const another = queue.get({ timeoutMs: 5_000 })
    await producer.put(4)
    expect((await another).payload).toBe(4)
    for (const message of messages) message.ack()
  })

  test('takes nothing that nobody asked for', async () => {
    await using queue = connection.simpleQueue('jobs')
    const waiting = queue.get({ timeoutMs: 5_000 })
    await using producer = connection.simpleQueue('jobs')
    await producer.put(1)
    const message = await waiting
    message.ack()
    await producer.put(2)
    expect(await producer.qsize()).toBe(1)
    await expect(queue.get({ timeoutMs: 5 })).resolves.toMatchObject({ payload: 2 })
  })

  test('an abort ends the wait, and loses nothing', async () => {
    await using queue = connection.simpleQueue('jobs')
    const aborting = new AbortController()
    const waiting = queue.get({ signal: aborting.signal })
    aborting.abort(new Error('stop'))
    await expect(waiting).rejects.toThrow('stop')
    await queue.put(1)
    expect((await queue.get()).payload).toBe(1)
  })

  test('a wait ends with its queue', async () => {
    await using queue = connection.simpleQueue('jobs')
    await queue.put(0)
    await queue.getNowait()
    let code = 'waiting'
    const ended = queue.get({ timeoutMs: 5_000 }).catch((error: { code: string }) => {
      code = error.code
    })
    const { defaultChannel } = connection
    await expect
      .poll(async () => {
        await defaultChannel.deleteQueue('jobs')
        await new Promise(setImmediate)
        return code
      })
      .toBe('CONSUMER_CANCELLED')
    await ended
  })

  test('goes on waiting when the connection is cut', async () => {
    await using queue = connection.simpleQueue('jobs')
    await queue.qsize()
    const waiting = queue.get({ timeoutMs: 5_000 })
    connection.collect()
    await using other = connection.clone()
    await other.simpleQueue('jobs').put('after')
    expect((await waiting).payload).toBe('after')
  })

  test('an auto-delete queue does not go while it is used, nor hold up a second wait', async () => {
    const given = new Queue('passing', { autoDelete: true })
    await using queue = connection.simpleQueue(given)
    await using other = connection.simpleQueue(given)
    const first = queue.get({ timeoutMs: 5_000 })
    await other.put(1)
    expect((await first).payload).toBe(1)
    const second = queue.get({ timeoutMs: 5_000 })
    await other.put(2)
    expect((await second).payload).toBe(2)
  })

  test('what it holds when the connection is cut comes again', async () => {
    const given = new Queue('passing', { autoDelete: true })
    await using queue = connection.simpleQueue(given)
    await using other = connection.clone()
    await queue.qsize()
    const first = queue.get({ timeoutMs: 5_000 })
    for (const n of [1, 2]) await other.simpleQueue(given).put(n)
    ;(await first).ack()
    // The second is on its way into the lane, or there.
    await expect.poll(() => broker.find('passing')?.size).toBe(0)
    connection.collect()
    await connection.ready()
    const second = await queue.get({ timeoutMs: 5_000 })
    expect([second.payload, second.signal.aborted]).toEqual([2, false])
  })

  test('a queue that is gone has nothing in it', async () => {
    await using queue = connection.simpleQueue('jobs')
    await queue.put(1)
    await connection.defaultChannel.deleteQueue('jobs')
    expect(await queue.qsize()).toBe(0)
  })

  test('serializes, compresses and accepts as told', async () => {
    await using queue = connection.simpleQueue('jobs', {
      serializer: 'json',
      compression: 'zlib',
      accept: ['json'],
    })
    await queue.put('text')
    const message = await queue.getNowait()
    expect(message.headers).toEqual({ compression: 'application/x-gzip' })
    expect(message.contentType).toBe('application/json')
    expect(message.payload).toBe('text')
    await using plain = connection.simpleQueue('jobs')
    await plain.put('text')
    const refused = await queue.getNowait()
    expect(() => refused.payload).toThrow(expect.objectContaining({ code: 'CONTENT_DISALLOWED' }))
  })

  test('close() gives back what is unsettled, and is final', async () => {
    const queue = connection.simpleQueue('jobs')
    await queue.put(1)
    await queue.get()
    const waiting = connection.simpleQueue('jobs')
    await queue.close()
    await queue.close()
    expect(await waiting.qsize()).toBe(1)
    await expect(queue.put(2)).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' })
    await expect(queue.get()).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' })
  })

  test('refuses options that do not exist', () => {
    expect(() => connection.simpleQueue('jobs', { queueOpts: {} } as object)).toThrow(
      expect.objectContaining({ code: 'BAD_OPTION' }),
    )
  })
})

describe('SimpleBuffer', () => {
  test('is transient and needs no acknowledgement', async () => {
    await using buffer = connection.simpleBuffer('log')
    expect(buffer).toBeInstanceOf(SimpleBuffer)
    expect(buffer.queue.declaration).toMatchObject({ durable: false, autoDelete: true })
    expect(buffer.queue.exchange?.declaration).toMatchObject({ durable: false, autoDelete: true })
    await buffer.put({ hello: 'world' })
    const message = await buffer.get()
    expect(message.payload).toEqual({ hello: 'world' })
    expect(message.properties).toMatchObject({ deliveryMode: 1 })
    message.ack()
    await using again = connection.simpleBuffer('log')
    await expect(again.getNowait()).rejects.toMatchObject({ code: 'EMPTY' })
  })

  test('waits for what comes later, all of it in order', async () => {
    await using buffer = connection.simpleBuffer('log')
    const waits = [1, 2, 3, 4].map(() => buffer.get({ timeoutMs: 5_000 }))
    await using other = connection.simpleBuffer('log')
    for (const n of [1, 2, 3, 4, 5]) await other.put(n)
    const got = await Promise.all(waits)
    expect(got.map(({ payload }) => payload).sort()).toEqual([1, 2, 3, 4])
    expect((await buffer.get({ timeoutMs: 5_000 })).payload).toBe(5)
  })
})
