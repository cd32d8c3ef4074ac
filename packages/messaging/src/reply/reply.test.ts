import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Connection } from '../connection.ts'
import { Exchange } from '../entity/exchange.ts'
import { Queue } from '../entity/queue.ts'
import { memory } from '../memory/memory.ts'
import { MemoryBroker } from '../memory/memory-broker.ts'
import type { Message } from '../message/message.ts'
import type { PublishOptions } from '../producer.ts'
import { collectReplies } from './collect-replies.ts'
import { sendReply } from './send-reply.ts'

let broker: MemoryBroker
let connection: Connection
const requests = new Queue('requests')
const answers = new Queue('answers', { autoDelete: true })

beforeEach(() => {
  broker = new MemoryBroker()
  connection = new Connection(memory({ broker }))
})

afterEach(() => connection.close())

async function request(body: unknown, options: PublishOptions = {}): Promise<Message> {
  const producer = connection.producer()
  await producer.publish(body, { routingKey: 'requests', declare: [requests, answers], ...options })
  const message = await connection.defaultChannel.get('requests')
  if (!message) throw new Error('The request is missing')
  return message
}

describe('sendReply()', () => {
  test('answers where, as what, and in the form that the request says', async () => {
    const message = await request({ n: 1 }, { replyTo: 'answers', correlationId: 'c1' })
    await sendReply(message, 'text', { producer: connection.producer() })
    const answer = await connection.defaultChannel.get('answers')
    expect(answer?.properties.correlationId).toBe('c1')
    expect(answer?.contentType).toBe('application/json')
    expect(answer?.payload).toBe('text')
  })

  test('answers text with whatever fits', async () => {
    for (const body of ['text', new Uint8Array([1])]) {
      const message = await request(body, { replyTo: 'answers' })
      await sendReply(message, { n: 1 }, { producer: connection.producer() })
      expect((await connection.defaultChannel.get('answers'))?.payload).toEqual({ n: 1 })
    }
  })

  test('the options win', async () => {
    const exchange = new Exchange('replies')
    const bound = new Queue('answers', { exchange, routingKey: 'k' })
    await bound.declare(connection.defaultChannel)
    const message = await request(1, { replyTo: 'answers' })
    const options = { exchange, routingKey: 'k', correlationId: 'other', headers: { h: 1 } }
    await sendReply(message, 2, { producer: connection.producer(), ...options })
    const answer = await connection.defaultChannel.get('answers')
    expect([answer?.payload, answer?.properties.correlationId, answer?.headers]).toEqual([
      2,
      'other',
      { h: 1 },
    ])
  })

  test('that nobody waits is no error; that nobody said where to is', async () => {
    const producer = connection.producer()
    const exchange = new Exchange('replies')
    await sendReply(await request(1, { replyTo: 'gone' }), 2, { producer, exchange })
    await expect(sendReply(await request(1), 2, { producer })).rejects.toThrow('has no replyTo')
  })
})

describe('collectReplies()', () => {
  async function answer(...bodies: readonly unknown[]): Promise<void> {
    await answers.declare(connection.defaultChannel)
    for (const body of bodies) await connection.producer().publish(body, { routingKey: 'answers' })
  }

  async function collect(options: Parameters<typeof collectReplies>[2]): Promise<unknown[]> {
    return await Array.fromAsync(collectReplies(connection, answers, options))
  }

  test('yields bodies, and deletes the queue', async () => {
    await answer(1, 2)
    expect(await collect({ limit: 2 })).toEqual([1, 2])
    expect(broker.find('answers')).toBeUndefined()
  })

  test('keeps the queue when nothing came, or when told to', async () => {
    await answer()
    expect(await collect({ timeoutMs: 5 })).toEqual([])
    expect(broker.find('answers')).toBeDefined()
    await answer(1)
    expect(await collect({ deleteQueue: false })).toEqual([1])
    expect(broker.find('answers')).toBeDefined()
  })

  test('acknowledges when asked to', async () => {
    await answer(1, 2)
    expect(await collect({ noAck: false, deleteQueue: false })).toEqual([1])
    expect(broker.find('answers')?.size).toBe(1)
  })
})
