import { getEventListeners } from 'node:events'
import { describe, expect, test } from 'vitest'
import { Connection } from './connection.ts'
import { Queue } from './entity/queue.ts'
import { ChannelError } from './errors.ts'
import { memory } from './memory/memory.ts'
import { StagedTransport } from './testing/staged-transport.ts'

const queue = new Queue('q')

async function send(connection: Connection, ...bodies: readonly unknown[]): Promise<void> {
  const producer = connection.producer()
  for (const body of bodies) await producer.publish(body, { routingKey: 'q', declare: [queue] })
}

describe('a stream', () => {
  test('serves several who wait at once, each message to one of them', async () => {
    await using connection = new Connection(memory())
    const stream = connection.consume(queue)
    const waiting = [stream.next(), stream.next(), stream.next()]
    await send(connection, 1, 2, 3)
    const values = (await Promise.all(waiting)).map(({ value }) => value?.payload)
    expect(values.sort()).toEqual([1, 2, 3])
    await stream.return()
  })

  test('ends all who wait', async () => {
    await using connection = new Connection(memory())
    const stream = connection.consume(queue)
    await stream.start()
    const waiting = [stream.next(), stream.next()]
    await stream.return()
    expect(await Promise.all(waiting)).toEqual([
      { value: undefined, done: true },
      { value: undefined, done: true },
    ])
    expect(await stream.next()).toEqual({ value: undefined, done: true })
  })

  test('that cannot start says why, and leaves nothing behind', async () => {
    const transport = new StagedTransport({
      consuming: () => {
        throw new ChannelError('ACCESS_REFUSED', 'not for you')
      },
    })
    await using connection = new Connection(transport)
    const loop = async () => {
      for await (const _ of connection.consume(queue)) return 'a message'
      return 'nothing'
    }
    await expect(loop()).rejects.toThrow('not for you')
    await transport.channels.at(-1)?.closed
  })

  test('with a signal that was aborted before yields nothing and starts nothing', async () => {
    const transport = new StagedTransport()
    await using connection = new Connection(transport)
    const stream = connection.consume(queue, { signal: AbortSignal.abort() })
    expect(await stream.next()).toEqual({ value: undefined, done: true })
    expect(transport.attemptCount).toBe(0)
  })

  test('leaves no listener on its signal', async () => {
    await using connection = new Connection(memory())
    const { signal } = new AbortController()
    await send(connection, 1)
    for await (const message of connection.consume(queue, { signal })) {
      message.ack()
      break
    }
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  test('takes at most 100 messages ahead unless told otherwise', async () => {
    await using connection = new Connection(memory())
    await send(connection, ...Array.from({ length: 120 }, (_, index) => index))
    const stream = connection.consume(queue)
    await stream.start()
    await stream.next()
    const { messageCount } = await queue.queueDeclare(connection.defaultChannel, { passive: true })
    expect(messageCount).toBe(20)
    await stream.return()
    expect(await queue.purge(connection.defaultChannel)).toBe(120)
  })

  test('takeArrived() does not wait', async () => {
    await using connection = new Connection(memory())
    await send(connection, 1, 2)
    const stream = connection.consume(queue)
    expect(stream.takeArrived()).toBeUndefined()
    expect((await stream.next()).value?.payload).toBe(1)
    expect(stream.takeArrived()?.payload).toBe(2)
    expect(stream.takeArrived()).toBeUndefined()
    await stream.return()
  })

  test('a reader of its own for what cannot be read gets it, and the loop does not', async () => {
    await using connection = new Connection(memory())
    const unreadable: string[] = []
    const producer = connection.producer()
    await producer.publish('{', {
      routingKey: 'q',
      declare: [queue],
      contentType: 'application/json',
    })
    await send(connection, 2)
    const stream = connection.consume(queue, {
      onDecodeError: (message, error) => {
        unreadable.push(error.code)
        message.ack()
      },
    })
    expect((await stream.next()).value?.payload).toBe(2)
    expect(unreadable).toEqual(['NOT_DECODABLE'])
    await stream.return()
  })
})
