import { describe, expect, test } from 'vitest'
import { Connection } from '../connection.ts'
import type { Consumer } from '../consumer.ts'
import { Exchange } from '../entity/exchange.ts'
import { Queue } from '../entity/queue.ts'
import { OutcomeUnknownError } from '../errors.ts'
import { memory } from '../memory/memory.ts'
import { MemoryBroker } from '../memory/memory-broker.ts'
import { door, StagedTransport } from '../testing/staged-transport.ts'

const queue = new Queue('q')

describe('get()', () => {
  test('what comes after its caller went away goes to somebody else', async () => {
    const gate = door()
    const transport = new StagedTransport({ getting: () => gate.pass() })
    await using connection = new Connection(transport)
    await connection.producer().publish('x', { routingKey: 'q', declare: [queue] })
    const abort = new AbortController()
    const getting = connection.defaultChannel.get('q', { signal: abort.signal })
    await gate.reached
    abort.abort(new Error('gone'))
    await expect(getting).rejects.toThrow('gone')
    gate.open()
    await using other = new Connection(transport)
    const stream = other.consume(queue)
    expect((await stream.next()).value?.payload).toBe('x')
    await stream.return()
  })
})

describe('an aborted operation', () => {
  test('is not begun', async () => {
    await using connection = new Connection(memory())
    const signal = AbortSignal.abort(new Error('too late'))
    const channel = connection.defaultChannel
    await connection.producer().publish('x', { routingKey: 'q', declare: [queue] })
    await expect(queue.purge(channel, { signal })).rejects.toThrow('too late')
    await expect(queue.delete(channel, { signal })).rejects.toThrow('too late')
    await expect(channel.get('q', { signal })).rejects.toThrow('too late')
    await expect(connection.producer().publish('y', { routingKey: 'q', signal })).rejects.toThrow(
      'too late',
    )
    await new Promise((resolve) => setImmediate(resolve))
    expect(await queue.purge(channel)).toBe(1)
  })
})

describe('publish()', () => {
  test('with a deadline of its own is unknown after it', async () => {
    const gate = door()
    await using connection = new Connection(new StagedTransport({ publishing: () => gate.pass() }))
    const publishing = connection.producer().publish('x', { routingKey: 'q', timeoutMs: 20 })
    await expect(publishing).rejects.toThrow(OutcomeUnknownError)
    await expect(publishing).rejects.toThrow('20 ms')
    gate.open()
  })

  test('that was begun before close() is confirmed', async () => {
    const transport = new StagedTransport()
    const connection = new Connection(transport)
    await connection.connect()
    await queue.declare(connection.defaultChannel)
    const publishing = connection.producer().publish('x', { routingKey: 'q' })
    await connection.close()
    await publishing
    expect(transport.broker.find('q')?.size).toBe(1)
  })
})

describe('what is declared once', () => {
  test('is declared again after it was deleted or unbound', async () => {
    await using connection = new Connection(memory())
    const exchange = new Exchange('e', { type: 'direct' })
    const bound = new Queue('bound', { exchange, routingKey: 'k' })
    const producer = connection.producer({ exchange })
    const publish = () => producer.publish('x', { routingKey: 'k', declare: [bound] })
    await publish()
    await bound.delete(connection.defaultChannel)
    await publish()
    await bound.queueUnbind(connection.defaultChannel)
    await publish()
    await exchange.delete(connection.defaultChannel)
    await publish()
    expect(await bound.purge(connection.defaultChannel)).toBe(3)
  })
})

describe('bindQueue()', () => {
  test('knows exchanges that another connection declared, where bindings are shared', async () => {
    const broker = new MemoryBroker()
    await using declaring = new Connection(memory({ broker }))
    await using binding = new Connection(memory({ broker }))
    const exchange = new Exchange('t', { type: 'topic' })
    await exchange.declare(declaring.defaultChannel)
    const foreign = new Exchange('t', { type: 'topic', noDeclare: true })
    await new Queue('bound', { exchange: foreign, routingKey: 'a.*' }).declare(
      binding.defaultChannel,
    )
    await declaring.producer({ exchange }).publish('x', { routingKey: 'a.b' })
    expect((await binding.defaultChannel.get('bound'))?.payload).toBe('x')
  })
})

describe('an auto-deleted queue', () => {
  const own = new Queue('own', { exclusive: true })
  const shared = new Queue('shared')

  async function afterReconnect(
    end: (consumer: Consumer, connection: Connection) => Promise<unknown>,
  ): Promise<readonly string[]> {
    const broker = new MemoryBroker()
    await using connection = new Connection(memory({ broker }))
    const consumer = connection.consumer({ queues: [own, shared], onMessage: () => undefined })
    await consumer.consume()
    await end(consumer, connection)
    for (const { name } of [own, shared]) broker.remove(name)
    const back = new Promise((resolve) => connection.on('connected', resolve))
    connection.collect()
    await back
    return [own, shared].map(({ name }) => name).filter((name) => broker.find(name))
  }

  test('is there again after a reconnect while it is consumed', async () => {
    expect(await afterReconnect(async () => undefined)).toEqual(['own', 'shared'])
  })

  test('does not come back when its consumer was cancelled or closed', async () => {
    expect(await afterReconnect((consumer) => consumer.cancel())).toEqual(['shared'])
    expect(await afterReconnect((consumer) => consumer.close())).toEqual(['shared'])
  })

  test('comes back while another channel consumes from it', async () => {
    const end = async (consumer: Consumer, connection: Connection) => {
      await connection.consumer({ queues: own, onMessage: () => undefined }).consume()
      await consumer.close()
    }
    expect(await afterReconnect(end)).toEqual(['own', 'shared'])
  })
})

describe('close()', () => {
  test('is the same for all who call it', async () => {
    await using connection = new Connection(memory())
    const channel = connection.channel()
    await queue.declare(channel)
    expect(channel.close()).toBe(channel.close())
    await channel.closed
    expect(channel.isOpen).toBe(false)
    await expect(queue.declare(channel)).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' })
  })
})
