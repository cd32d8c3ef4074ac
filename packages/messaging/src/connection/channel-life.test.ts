import { describe, expect, test } from 'vitest'
import { Connection } from '../connection.ts'
import { ConnectionError } from '../errors.ts'
import type { Message } from '../message/message.ts'
import { door, type StageDoors, StagedTransport } from '../testing/staged-transport.ts'

function staged(doors: StageDoors = {}) {
  const transport = new StagedTransport(doors)
  const connection = new Connection(transport, {
    backoff: { startMs: 1, maxMs: 5 },
    operationTimeoutMs: 1_000,
  })
  const warnings: unknown[] = []
  connection.on('warning', ({ error }) => warnings.push(error))
  return { transport, connection, warnings }
}

/** A consumer that says when messages come. */
function listener(queue: string, consumerTag = `tag-${queue}`) {
  const messages: Message[] = []
  let arrived = Promise.withResolvers<void>()
  const consumer = {
    ...{ queue, consumerTag, noAck: true, exclusive: false, arguments: {}, accept: undefined },
    onMessage: (message: Message) => {
      messages.push(message)
      arrived.resolve()
      arrived = Promise.withResolvers()
    },
    onCancelled: () => undefined,
  }
  const next = async (count: number) => {
    while (messages.length < count) await arrived.promise
    return messages
  }
  return { consumer, messages, next }
}

function send(connection: Connection, routingKey: string): Promise<void> {
  return connection.producer().publish('x', { routingKey })
}

function reconnected(connection: Connection): Promise<void> {
  return new Promise((resolve) => {
    const stop = connection.on('connected', () => {
      stop()
      resolve()
    })
  })
}

describe('a cut while a channel opens', () => {
  test('the channel of the next connection is not mistaken for that of the last', async () => {
    const gate = door()
    const { connection, transport } = staged({
      // The default channel of the first connection hangs in the opening.
      opening: (number) =>
        number === 1 && transport.channels.length === 1 ? gate.pass() : undefined,
    })
    await connection.connect()
    const { consumer, next } = listener('q')
    const consuming = connection.defaultChannel.consume(consumer)
    await gate.reached
    const back = reconnected(connection)
    connection.collect()
    await back
    gate.open()
    await consuming
    await send(connection, 'q')
    await next(1)
    await connection.close()
  })

  test('consumers are there again when the connection was lost during their restoration', async () => {
    const { connection, transport } = staged({
      consumed: (_, number) => {
        if (number === 2) transport.connections[1]?.destroy()
      },
    })
    const { consumer, next } = listener('q')
    await connection.defaultChannel.consume(consumer)
    connection.collect()
    await connection.ready()
    await send(connection, 'q')
    await next(1)
    expect(transport.connections).toHaveLength(3)
    await connection.close()
  })

  test('a consumer that starts just then is started on the next connection', async () => {
    const { connection, transport } = staged({
      consumed: async (_, number) => {
        if (number !== 1) return
        const back = reconnected(connection)
        transport.connections[0]?.destroy()
        await back
      },
    })
    const { consumer, next, messages } = listener('q')
    await connection.defaultChannel.consume(consumer)
    await send(connection, 'q')
    await next(1)
    await send(connection, 'q')
    await next(2)
    expect(messages).toHaveLength(2)
    await connection.close()
  })
})

describe('a channel that ends alone', () => {
  test('is replaced, with its consumers and settings', async () => {
    const { connection, transport } = staged()
    const channel = connection.channel()
    const { consumer, next } = listener('q')
    await channel.qos({ prefetchCount: 7 })
    await channel.consume(consumer)
    await transport.channels.at(-1)?.close({})
    await send(connection, 'q')
    await next(1)
    expect(transport.connections).toHaveLength(1)
    await connection.close()
  })
})

describe('cancel()', () => {
  test('during the restoration ends the consumer there too', async () => {
    const gate = door()
    const { connection } = staged({
      consumed: (_, number) => (number === 2 ? gate.pass() : undefined),
    })
    const { consumer, messages } = listener('q')
    const channel = connection.channel()
    await channel.consume(consumer)
    const back = reconnected(connection)
    connection.collect()
    await gate.reached
    const cancelled = channel.cancel('tag-q')
    gate.open()
    await Promise.all([cancelled, back])
    await send(connection, 'q')
    expect((await connection.defaultChannel.get('q'))?.payload).toBe('x')
    expect(messages).toEqual([])
    await connection.close()
  })

  test('without a connection is over at once', async () => {
    const { connection } = staged({
      connecting: (attempt) => {
        if (attempt > 1) throw new ConnectionError('CONNECTION_REFUSED', 'away')
      },
    })
    const channel = connection.channel()
    await channel.consume(listener('q').consumer)
    const gone = new Promise((resolve) => connection.on('disconnected', resolve))
    connection.collect()
    await gone
    await channel.cancel('tag-q')
    await connection.close()
  })
})

describe('consume()', () => {
  test('that takes too long leaves no consumer behind', async () => {
    const gate = door()
    const { connection, transport } = staged({ consuming: () => gate.pass() })
    const { consumer, messages } = listener('q')
    const signal = AbortSignal.timeout(20)
    const consuming = connection.defaultChannel.consume(consumer, { signal })
    await expect(consuming).rejects.toMatchObject({ name: 'TimeoutError' })
    gate.open()
    await new Promise((resolve) => setImmediate(resolve))
    await send(connection, 'q')
    await new Promise((resolve) => setImmediate(resolve))
    expect(transport.broker.find('q')?.size).toBe(1)
    expect(messages).toEqual([])
    await connection.close()
  })

  test('a receiver that throws does not keep the next message from coming', async () => {
    const { connection, warnings } = staged()
    const { consumer, next } = listener('q')
    let isFirst = true
    const onMessage = (message: Message) => {
      if (isFirst) {
        isFirst = false
        throw new Error('not now')
      }
      consumer.onMessage(message)
    }
    await Promise.all([send(connection, 'q'), send(connection, 'q')])
    await connection.defaultChannel.consume({ ...consumer, onMessage })
    await next(1)
    expect(warnings).toEqual([new Error('not now')])
    await connection.close()
  })
})

describe('close()', () => {
  test('while the channel opens leaves nothing open', async () => {
    const gate = door()
    const { connection, transport } = staged({
      opening: () => (transport.channels.length === 1 ? gate.pass() : undefined),
    })
    await connection.connect()
    const channel = connection.channel()
    const consuming = channel.consume(listener('q').consumer)
    await gate.reached
    const closing = channel.close()
    gate.open()
    await closing
    await expect(consuming).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' })
    await transport.channels.at(-1)?.closed
    await connection.close()
  })
})
