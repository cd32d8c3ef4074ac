import { describe, expect, test } from 'vitest'
import { Connection } from '../connection.ts'
import { Exchange } from '../entity/exchange.ts'
import { Queue } from '../entity/queue.ts'
import { ChannelError, ConfigurationError, ConnectionError } from '../errors.ts'
import type { Message } from '../message/message.ts'
import { door, type StageDoors, StagedTransport } from '../testing/staged-transport.ts'

const backoff = { startMs: 1, maxMs: 5 }

function refused(): ConnectionError {
  return new ConnectionError('CONNECTION_REFUSED', 'nobody there')
}

function staged(doors: StageDoors) {
  const transport = new StagedTransport(doors)
  const connection = new Connection(transport, { backoff, connectTimeoutMs: 500 })
  const events: string[] = []
  connection.on('connected', ({ epoch }) => events.push(`connected ${epoch}`))
  connection.on('disconnected', ({ epoch }) => events.push(`disconnected ${epoch}`))
  connection.on('attemptFailed', ({ attempt, retryMs }) => {
    events.push(`attempt ${attempt} failed`)
    expect(retryMs).toBeLessThanOrEqual(5)
  })
  return { transport, connection, events }
}

function next(connection: Connection, name: 'connected' | 'disconnected'): Promise<void> {
  return new Promise((resolve) => {
    const stop = connection.on(name, () => {
      stop()
      resolve()
    })
  })
}

describe('connecting', () => {
  test('is lazy, and happens once for all who wait', async () => {
    const { transport, connection } = staged({})
    expect(transport.attemptCount).toBe(0)
    await Promise.all([connection.connect(), connection.ready(), connection.connect()])
    expect(transport.attemptCount).toBe(1)
    await connection.close()
  })

  test('connect() gives up after one pass; ready() goes on', async () => {
    const { connection, events } = staged({
      connecting: (attempt) => {
        if (attempt < 4) throw refused()
      },
    })
    const ready = connection.ready()
    await expect(connection.connect()).rejects.toThrow('nobody there')
    await ready
    expect(events).toEqual([
      'attempt 1 failed',
      'attempt 2 failed',
      'attempt 3 failed',
      'connected 1',
    ])
    await connection.close()
  })

  test('nobody waits: nobody tries', async () => {
    const { transport, connection } = staged({
      connecting: () => {
        throw refused()
      },
    })
    await expect(connection.connect()).rejects.toThrow(ConnectionError)
    await expect(connection.ready({ timeoutMs: 30 })).rejects.toThrow('nobody there')
    const attempts = transport.attemptCount
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(transport.attemptCount).toBeLessThanOrEqual(attempts + 1)
    await expect(connection.connect()).rejects.toThrow(ConnectionError)
    await connection.close()
  })

  test.each([
    ['a wrong option', new ConfigurationError('BAD_OPTION', 'wrong')],
    ['wrong credentials', new ConnectionError('ACCESS_REFUSED', 'wrong')],
  ])('%s ends every wait at once', async (_, error) => {
    const { connection } = staged({
      connecting: () => {
        throw error
      },
    })
    const publishing = connection.producer().publish(1, { routingKey: 'q' })
    const waits = await Promise.allSettled([connection.ready(), connection.connect(), publishing])
    for (const wait of waits) expect(wait).toMatchObject({ status: 'rejected', reason: error })
    await connection.close()
  })

  test('an error that is none of ours is explained, with its cause', async () => {
    const cause = new Error('ECONNSOMETHING')
    const { connection } = staged({
      connecting: () => {
        throw cause
      },
    })
    await expect(connection.connect()).rejects.toMatchObject({
      code: 'CONNECTION_REFUSED',
      cause,
      message: expect.stringContaining('ECONNSOMETHING'),
    })
    await connection.close()
  })

  test('an abort ends the wait of one, not the attempt of the others', async () => {
    const gate = door()
    const { connection } = staged({ connecting: () => gate.pass() })
    const patient = connection.connect()
    const impatient = connection.connect({ signal: AbortSignal.abort(new Error('no time')) })
    await expect(impatient).rejects.toThrow('no time')
    gate.open()
    await patient
    await connection.close()
  })
})

describe('reconnecting', () => {
  test('begins at once, and ends with the next epoch', async () => {
    const { transport, connection, events } = staged({})
    await connection.connect()
    const back = next(connection, 'connected')
    transport.connections[0]?.destroy()
    await back
    expect(events).toEqual(['connected 1', 'disconnected 1', 'connected 2'])
    expect(connection.counters.reconnects).toBe(1)
    await connection.close()
  })

  test('goes on for as long as it takes, without anybody waiting', async () => {
    const { connection, transport } = staged({
      connecting: (attempt) => {
        if (attempt > 1 && attempt < 20) throw refused()
      },
    })
    await connection.connect()
    const back = next(connection, 'connected')
    connection.collect()
    await back
    expect(transport.attemptCount).toBe(20)
    await connection.close()
  })

  test('a connection on which nothing can be restored is not used', async () => {
    const { transport, connection } = staged({
      opening: (number) => {
        if (number === 2) throw refused()
      },
    })
    await connection.connect()
    const back = next(connection, 'connected')
    connection.collect()
    await back
    expect(transport.connections).toHaveLength(3)
    expect(await transport.connections[1]?.closed).toBeInstanceOf(ConnectionError)
    await connection.close()
  })

  test('what somebody changed meanwhile is told, and the rest is there again', async () => {
    const { connection, transport } = staged({
      connecting: async (attempt) => {
        if (attempt !== 2) return
        await transport.broker.bindings.removeExchange('e')
        await transport.broker.bindings.declareExchange('e', 'topic')
      },
    })
    const warned = new Promise((resolve) => connection.on('warning', ({ error }) => resolve(error)))
    const received = Promise.withResolvers<unknown>()
    const queue = new Queue('q', { exchange: new Exchange('e'), routingKey: 'k' })
    const other = new Queue('other')
    const onMessage = (message: Message) => received.resolve(message.payload)
    await connection.consumer({ queues: [queue, other], onMessage }).consume()
    const back = next(connection, 'connected')
    connection.collect()
    await back
    expect(await warned).toMatchObject({ code: 'PRECONDITION_FAILED' })
    await connection.producer().publish('still here', { routingKey: 'other' })
    expect(await received.promise).toBe('still here')
    await connection.close()
  })

  test('a refusal that ends nothing is not a failure to connect', async () => {
    const { transport, connection, events } = staged({
      consuming: (_, number) => {
        if (number === 2) throw new ChannelError('NOT_FOUND', 'the queue is gone')
      },
    })
    const cancelled = Promise.withResolvers<Error>()
    const channel = connection.channel()
    const consumer = {
      ...{ queue: 'q', consumerTag: 't', noAck: false, exclusive: false, arguments: {} },
      ...{ accept: undefined, onMessage: () => undefined, onCancelled: cancelled.resolve },
    }
    await channel.consume(consumer)
    connection.collect()
    expect(await cancelled.promise).toMatchObject({ code: 'NOT_FOUND' })
    await connection.ready()
    expect(transport.connections).toHaveLength(2)
    expect(events.at(-1)).toBe('connected 2')
    await connection.close()
  })
})

describe('closing', () => {
  test('ends an attempt that is under way', async () => {
    const gate = door()
    const { connection } = staged({ connecting: () => gate.pass() })
    const connecting = connection.connect()
    await gate.reached
    const closing = connection.close()
    await expect(connecting).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' })
    gate.open()
    await closing
    expect(connection.connected).toBe(false)
  })

  test('ends what comes about too late', async () => {
    const gate = door()
    const { transport, connection } = staged({ opening: () => gate.pass() })
    const connecting = connection.connect()
    await gate.reached
    const closing = connection.close()
    await expect(connecting).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' })
    gate.open()
    await closing
    await transport.connections[0]?.closed
  })

  test('one that is aborted ends the connection, and does not wait for a channel that hangs', async () => {
    const transport = new StagedTransport({})
    const connection = new Connection(transport)
    connection.on('warning', () => undefined)
    await connection.producer().publish('x', { routingKey: 'q' })
    const hanging = transport.channels.at(-1)
    if (hanging) hanging.close = () => new Promise(() => undefined)
    const signal = AbortSignal.timeout(20)
    await expect(connection.close({ signal })).rejects.toMatchObject({ name: 'TimeoutError' })
    await transport.connections[0]?.closed
    await new Promise((resolve) => setImmediate(resolve))
    expect(connection.isClosed).toBe(true)
    expect(connection.connected).toBe(false)
    expect(transport.attemptCount).toBe(1)
  })

  test.each(['connection', 'channel'] as const)(
    'a %s that hangs ends at its deadline, and the connection with it',
    async (what) => {
      const transport = new StagedTransport({})
      const connection = new Connection(transport, { operationTimeoutMs: 50 })
      await connection.producer().publish('x', { routingKey: 'q' })
      const [living] = transport.connections
      const hanging = what === 'connection' ? living : transport.channels.at(-1)
      if (hanging) hanging.close = () => new Promise(() => undefined)
      await expect(connection.close()).rejects.toMatchObject({ code: 'TIMED_OUT' })
      await living?.closed
      expect(connection.isClosed).toBe(true)
      expect(connection.connected).toBe(false)
      expect(transport.attemptCount).toBe(1)
    },
  )
})
