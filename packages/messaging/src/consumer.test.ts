import { describe, expect, test } from 'vitest'
import { defaultCodecs } from './codec/codec-registry.ts'
import type { ChannelConsumer } from './connection/channel-life.ts'
import { Connection } from './connection.ts'
import type { ConsumerOptions } from './consumer.ts'
import { Queue } from './entity/queue.ts'
import { ConfigurationError } from './errors.ts'
import { memory } from './memory/memory.ts'
import { Message } from './message/message.ts'

const queue = new Queue('q')
const badJson = { contentType: 'application/json', contentEncoding: 'utf-8' }

/** Messages as they come. */
function inbox() {
  const messages: Message[] = []
  let grown = Promise.withResolvers<void>()
  const receive = (message: Message) => {
    messages.push(message)
    grown.resolve()
    grown = Promise.withResolvers()
  }
  const count = async (wanted: number) => {
    while (messages.length < wanted) await grown.promise
  }
  return { messages, receive, count }
}

function send(connection: Connection, body: unknown, options = {}): Promise<void> {
  return connection.producer().publish(body, { routingKey: 'q', declare: [queue], ...options })
}

function broadcast(missedCount: number): Message {
  const source = {
    settle: () => undefined,
    settled: async () => undefined,
    signal: new AbortController().signal,
  }
  const reading = { codecs: defaultCodecs, accept: undefined, maxBodyBytes: 1 }
  const incoming = {
    ...{ exchange: 'e', routingKey: '', contentType: 'text/plain', contentEncoding: 'utf-8' },
    ...{ headers: {}, properties: {}, deliveryTag: '', redelivered: false, deliveryInfo: {} },
    ...{ body: { data: '', encoding: 'utf-8' } as const, missedCount },
  }
  return new Message({ incoming, handle: 0, queue: 'q', consumerTag: 't', source, reading })
}

async function consuming(connection: Connection, options: ConsumerOptions = {}) {
  const box = inbox()
  const consumer = connection.consumer({ queues: queue, onMessage: box.receive, ...options })
  await consumer.consume()
  return { consumer, ...box }
}

describe('a consumer', () => {
  test('hands the body and the message to each callback in turn', async () => {
    await using connection = new Connection(memory())
    const calls: unknown[] = []
    const done = Promise.withResolvers<void>()
    const consumer = connection.consumer({
      queues: queue,
      callbacks: [async (body) => void calls.push(['first', body])],
    })
    consumer.registerCallback((body, message) => {
      calls.push(['second', body])
      message.ack()
      done.resolve()
    })
    await consumer.consume()
    await send(connection, { a: 1 })
    await done.promise
    expect(calls).toEqual([
      ['first', { a: 1 }],
      ['second', { a: 1 }],
    ])
  })

  test('without anybody to receive is refused', async () => {
    await using connection = new Connection(memory())
    const consumer = connection.consumer({ queues: queue })
    await expect(consumer.consume()).rejects.toThrow(ConfigurationError)
  })

  test('accepts names of serializers that there are', () => {
    const connection = new Connection(memory())
    expect(() => connection.consumer({ accept: ['pickles'] })).toThrow(ConfigurationError)
  })

  test('consumes from each queue once, however often it is told to', async () => {
    await using connection = new Connection(memory())
    const { consumer, messages, count } = await consuming(connection)
    await Promise.all([consumer.consume(), consumer.consume()])
    await send(connection, 1)
    await count(1)
    await new Promise((resolve) => setImmediate(resolve))
    expect(messages).toHaveLength(1)
    expect(consumer.consumingFrom('q')).toBe(true)
  })

  test('can consume again after cancel()', async () => {
    await using connection = new Connection(memory())
    const { consumer, count } = await consuming(connection)
    await consumer.cancel()
    expect(consumer.consumingFrom(queue)).toBe(false)
    await send(connection, 1)
    await consumer.consume()
    await count(1)
  })

  test('leaves a channel that is not its own open', async () => {
    await using connection = new Connection(memory())
    const channel = connection.channel()
    const consumer = connection.consumer({ queues: queue, onMessage: () => undefined }, channel)
    await consumer.consume()
    await consumer.close()
    expect(channel.isOpen).toBe(true)
    const own = await consuming(connection)
    await own.consumer.close()
    expect(own.consumer.channel.isOpen).toBe(false)
  })

  test('purges all its queues', async () => {
    await using connection = new Connection(memory())
    const other = new Queue('other')
    const consumer = connection.consumer({ queues: [queue, other], onMessage: () => undefined })
    await consumer.declare()
    await send(connection, 1)
    await send(connection, 2, { routingKey: 'other' })
    expect(await consumer.purge()).toBe(2)
  })

  test('does not declare when told so', async () => {
    await using connection = new Connection(memory())
    let isDeclared = false
    const watched = new Queue('w', {
      onDeclared: () => {
        isDeclared = true
      },
    })
    await consuming(connection, { queues: watched, autoDeclare: false })
    expect(isDeclared).toBe(false)
    await consuming(connection, { queues: watched })
    expect(isDeclared).toBe(true)
  })

  test('its tags begin as told', async () => {
    await using connection = new Connection(memory())
    const { messages, count } = await consuming(connection, { tagPrefix: 'mine' })
    await send(connection, 1)
    await count(1)
    expect(messages[0]?.deliveryInfo.consumerTag).toMatch(/^mine-/)
  })
})

describe('what cannot be handled', () => {
  test('a callback that throws once gets the message again', async () => {
    await using connection = new Connection(memory())
    connection.on('warning', () => undefined)
    const seen: boolean[] = []
    const done = Promise.withResolvers<void>()
    await consuming(connection, {
      onMessage: (message) => {
        seen.push(message.redelivered)
        if (!message.redelivered) throw new Error('not ready')
        message.ack()
        done.resolve()
      },
    })
    await send(connection, 1)
    await done.promise
    expect(seen).toEqual([false, true])
    expect(connection.counters.quarantined).toBe(0)
  })

  test('a callback that settled before it threw is only told of', async () => {
    await using connection = new Connection(memory())
    const warned = new Promise((resolve) => connection.on('warning', ({ error }) => resolve(error)))
    await consuming(connection, {
      onMessage: (message) => {
        message.ack()
        throw new Error('afterwards')
      },
    })
    await send(connection, 1)
    expect(await warned).toEqual(new Error('afterwards'))
    expect(await connection.defaultChannel.get('q')).toBeUndefined()
  })

  test('a handler of errors that fails is told of, and the next message comes', async () => {
    await using connection = new Connection(memory())
    const warned = new Promise((resolve) => connection.on('warning', ({ error }) => resolve(error)))
    const box = inbox()
    const consumer = connection.consumer({
      queues: queue,
      callbacks: [(_, message) => box.receive(message)],
      onDecodeError: () => {
        throw new Error('the handler too')
      },
    })
    await consumer.consume()
    await send(connection, '{', badJson)
    await send(connection, 2)
    await box.count(1)
    expect(await warned).toEqual(new Error('the handler too'))
  })

  test('broadcasts that were missed are counted and told', async () => {
    await using connection = new Connection(memory())
    const channel = connection.channel()
    const started = Promise.withResolvers<ChannelConsumer>()
    channel.consume = async (consumer) => started.resolve(consumer)
    const gaps: number[] = []
    const options = { queues: queue, onMessage: () => undefined }
    const onGap = (missedCount: number) => gaps.push(missedCount)
    await connection.consumer({ ...options, onGap }, channel).consume()
    const consumer = await started.promise
    for (const missedCount of [0, 3, 2]) consumer.onMessage(broadcast(missedCount))
    expect(gaps).toEqual([3, 2])
    expect(connection.counters.missedBroadcasts).toBe(5)
  })

  test('a cancelled consumer without onCancel is a warning', async () => {
    await using connection = new Connection(memory())
    const warned = new Promise((resolve) => connection.on('warning', ({ error }) => resolve(error)))
    const { consumer } = await consuming(connection)
    await queue.delete(connection.defaultChannel)
    expect(await warned).toMatchObject({ code: 'CONSUMER_CANCELLED' })
    expect(consumer.consumingFrom('q')).toBe(false)
  })
})
