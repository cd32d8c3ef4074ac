/** What goes wrong at a broker or on the way to it: each named, and its neighbours go on. */
import { Connection, type ConnectionOptions, type Message, Queue } from '@dashi/messaging'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type RabbitmqServer, startRabbitmq } from '../../../tools/brokers/rabbitmq.ts'
import { startTcpProxy, type TcpProxy } from '../../../tools/services/tcp-proxy.ts'
import { amqp } from './amqp.ts'
import { Management } from './management/management.ts'
import type { AmqpOptions } from './options.ts'

let server: RabbitmqServer
let management: Management
const opened: Connection[] = []

beforeAll(async () => {
  server = await startRabbitmq({ settings: ['max_message_size = 65536'] })
  // How often a channel looks whether something was held for too long.
  await server.control('eval', 'application:set_env(rabbit, channel_tick_interval, 500).')
  management = new Management({ url: server.managementUrl })
  const topics = ['amq.topic', '^mine', '.*']
  await management.users.put('restricted', { password: 'pw' })
  await management.permissions.set('restricted', {
    configure: '.*',
    write: '^(mine|amq)',
    read: '.*',
  })
  await server.control('set_topic_permissions', 'restricted', ...topics)
  await management.exchanges.declare('theirs', { type: 'fanout' })
}, 120_000)

afterEach(async () => {
  for (const connection of opened.splice(0)) await connection.close()
})

afterAll(async () => {
  await server[Symbol.asyncDispose]()
})

interface Opened {
  readonly connection: Connection
  readonly warnings: Error[]
}

function open(options: AmqpOptions = {}, more: ConnectionOptions = {}): Opened {
  const place = { host: '127.0.0.1', port: Number(new URL(server.url).port) }
  const connection = new Connection(amqp({ ...place, ...options }), {
    backoff: { startMs: 10, maxMs: 200 },
    ...more,
  })
  opened.push(connection)
  const warnings: Error[] = []
  connection.on('warning', ({ error }) => warnings.push(error))
  return { connection, warnings }
}

const newQueue = () => new Queue(`mine.${crypto.randomUUID()}`, { expiresMs: 60_000 })

/** Consumes, and tells of each message. */
async function listen(
  connection: Connection,
  queue: Queue,
  settle: (message: Message) => void = (message) => message.ack(),
) {
  const messages: Message[] = []
  let grown = Promise.withResolvers<void>()
  const cancelled = Promise.withResolvers<Error>()
  const consumer = connection.consumer({
    queues: queue,
    onMessage: (message) => {
      messages.push(message)
      settle(message)
      grown.resolve()
      grown = Promise.withResolvers()
    },
    onCancel: (_, error) => cancelled.resolve(error),
  })
  await consumer.consume()
  const arrived = async (count: number) => {
    while (messages.length < count) await grown.promise
    return messages
  }
  return { messages, arrived, cancelled: cancelled.promise, consumer }
}

const send = (connection: Connection, queue: Queue, body: unknown) =>
  connection.producer().publish(body, { routingKey: queue.name })

/** What each of several publishes came to: `stored`, or a code. */
async function outcomesOf(publishing: readonly Promise<unknown>[]): Promise<readonly string[]> {
  const settled = await Promise.allSettled(publishing)
  return settled.map((one) => (one.status === 'fulfilled' ? 'stored' : String(one.reason.code)))
}

describe('one message of many in flight', () => {
  test.each([
    {
      name: 'larger than the broker takes',
      code: 'TOO_LARGE',
      bad: (connection: Connection, to: string) =>
        connection.producer().publish('x'.repeat(70_000), { routingKey: to }),
    },
    {
      name: 'with headers that no frame holds',
      code: 'TOO_LARGE',
      bad: (connection: Connection, to: string) =>
        connection.producer().publish(1, { routingKey: to, headers: { big: 'x'.repeat(140_000) } }),
    },
    {
      name: 'in the name of another user',
      code: 'PRECONDITION_FAILED',
      bad: (connection: Connection, to: string) =>
        connection.producer().publish(1, { routingKey: to, userId: 'somebody' }),
    },
    {
      name: 'to an exchange that is not there',
      code: 'EXCHANGE_NOT_DECLARED',
      bad: (connection: Connection, to: string) =>
        connection.producer().publish(1, { routingKey: to, exchange: 'mine.nowhere' }),
    },
    {
      name: 'to an exchange that it may not write to',
      code: 'ACCESS_REFUSED',
      bad: (connection: Connection, to: string) =>
        connection.producer().publish(1, { routingKey: to, exchange: 'theirs' }),
    },
    {
      name: 'with a key that it may not use',
      code: 'ACCESS_REFUSED',
      bad: (connection: Connection) =>
        connection.producer().publish(1, { routingKey: 'theirs', exchange: 'amq.topic' }),
    },
  ])('$name is refused, and its neighbours arrive', async ({ code, bad }) => {
    const { connection: owner } = open()
    const { connection } = open({ userid: 'restricted', password: 'pw' })
    const queue = newQueue()
    await queue.declare(owner.defaultChannel)
    await queue.bindTo(owner.defaultChannel, 'amq.topic', { routingKey: queue.name })
    const good = () =>
      connection.producer().publish('good', { exchange: 'amq.topic', routingKey: queue.name })
    await good()
    const outcomes = await outcomesOf([bad(connection, queue.name), good(), good(), good()])
    expect(outcomes).toEqual([code, 'stored', 'stored', 'stored'])
    expect(await queue.purge(owner.defaultChannel)).toBe(4)
  })
})

describe('one of many consumers', () => {
  test('whose queue another connection deletes is told so', async () => {
    const { connection } = open()
    const [gone, kept] = [newQueue(), newQueue()]
    const first = await listen(connection, gone)
    const second = await listen(connection, kept)
    await gone.delete(open().connection.defaultChannel)
    expect(await first.cancelled).toMatchObject({ code: 'CONSUMER_CANCELLED' })
    await send(connection, kept, 'still here')
    await second.arrived(1)
  })

  test('that holds a message for longer than the broker allows gets it again', async () => {
    await server.control('eval', 'application:set_env(rabbit, consumer_timeout, 500).')
    const { connection, warnings } = open()
    const [slow, quick] = [newQueue(), newQueue()]
    const held = await listen(connection, slow, (message) => message.redelivered && message.ack())
    await server.control('eval', 'application:unset_env(rabbit, consumer_timeout).')
    const neighbour = await listen(open().connection, quick)
    await send(connection, slow, 'held')
    const [first] = await held.arrived(1)
    await send(connection, quick, 'quick')
    await neighbour.arrived(1)
    const [, again] = await held.arrived(2)
    expect(first?.signal.aborted).toBe(true)
    expect(again).toMatchObject({ payload: 'held', redelivered: true })
    expect(warnings.map(String).join()).toContain('PRECONDITION_FAILED')
  })
})

describe('an alarm', () => {
  test('of a full disk: publishers wait, consumers go on, and nothing is lost', async () => {
    const { connection, warnings } = open()
    const hasty = open({}, { operationTimeoutMs: 1_000 })
    const queue = newQueue()
    await queue.declare(connection.defaultChannel)
    await Promise.all([1, 2, 3].map((body) => send(connection, queue, body)))
    await send(hasty.connection, queue, 4)
    await server.control('set_disk_free_limit', '1000000GB')
    try {
      const patient = send(connection, queue, 'patient')
      const isDone = patient.then(() => true)
      // The one that finds out is in the broker's socket; those behind it wait here.
      expect(await outcomesOf([send(hasty.connection, queue, 'first')])).toEqual([
        'OUTCOME_UNKNOWN',
      ])
      expect(await outcomesOf([send(hasty.connection, queue, 'second')])).toEqual(['REFUSED'])
      expect(warnings.map(String).join()).toContain('low on disk')
      const consumer = await listen(connection, queue)
      expect((await consumer.arrived(4)).map(({ payload }) => payload)).toEqual([1, 2, 3, 4])
      expect(await Promise.race([isDone, Promise.resolve(false)])).toBe(false)
      await server.control('set_disk_free_limit', '50MB')
      await patient
      const bodies = (await consumer.arrived(5)).map(({ payload }) => payload)
      expect(bodies).not.toContain('second')
    } finally {
      await server.control('set_disk_free_limit', '50MB')
    }
  })
})

describe('one connection of many', () => {
  let proxy: TcpProxy

  afterEach(async () => {
    await proxy[Symbol.asyncDispose]()
  })

  /** One through a proxy, one beside it, and a queue for each. */
  async function beside(options: AmqpOptions = {}) {
    proxy = await startTcpProxy({ port: Number(new URL(server.url).port) })
    const bad = open({ port: proxy.port, ...options })
    const good = open()
    const [theirs, ours] = [newQueue(), newQueue()]
    const through = await listen(bad.connection, theirs, () => undefined)
    const direct = await listen(good.connection, ours)
    await send(good.connection, theirs, 'held')
    await through.arrived(1)
    const cut = new Promise<Error | undefined>((resolve) =>
      bad.connection.on('disconnected', ({ error }) => resolve(error)),
    )
    return { bad, good, theirs, ours, through, direct, cut }
  }

  test('that falls silent is noticed by its heartbeats, and comes back with what it held', async () => {
    const { good, ours, direct, through, cut } = await beside({ heartbeatMs: 1_000 })
    proxy.freeze()
    const began = performance.now()
    await send(good.connection, ours, 'meanwhile')
    await direct.arrived(1)
    expect(await cut).toMatchObject({ code: 'CONNECTION_LOST' })
    expect(performance.now() - began).toBeLessThan(4_000)
    const [, again] = await through.arrived(2)
    expect(again).toMatchObject({ payload: 'held', redelivered: true })
    expect(through.messages[0]?.signal.aborted).toBe(true)
  })

  test.each([
    [
      'a frame larger than agreed',
      Buffer.from([3, 0, 1, 0x7f, 0xff, 0xff, 0xff]),
      /2147483647 bytes/,
    ],
    ['bytes that are no frames', Buffer.alloc(64, 'x'), /frame/i],
  ])('that is sent %s ends, and comes back', async (_, bytes, reason) => {
    const { good, ours, direct, through, cut } = await beside()
    proxy.inject(bytes)
    const error = await cut
    expect(error).toMatchObject({ code: 'CONNECTION_LOST' })
    expect(error?.message).toMatch(reason)
    await send(good.connection, ours, 'meanwhile')
    await direct.arrived(1)
    const [, again] = await through.arrived(2)
    expect(again).toMatchObject({ payload: 'held', redelivered: true })
  })
})

test('a connection whose virtual host is deleted is told that, and the others go on', async () => {
  await management.virtualHosts.create('doomed')
  const doomedManagement = new Management({ url: server.managementUrl, virtualHost: 'doomed' })
  await doomedManagement.permissions.set('guest')
  const [good, doomed] = [open().connection, open({ virtualHost: 'doomed' }).connection]
  const [ours, theirs] = [newQueue(), newQueue()]
  const direct = await listen(good, ours)
  await theirs.declare(doomed.defaultChannel)
  const gone = new Promise<Error | undefined>((resolve) =>
    doomed.on('disconnected', ({ error }) => resolve(error)),
  )
  await management.virtualHosts.delete('doomed')
  expect(String(await gone)).toContain("vhost 'doomed'")
  expect(await outcomesOf([send(doomed, theirs, 'nowhere')])).toEqual(['ACCESS_REFUSED'])
  await send(good, ours, 'still here')
  await direct.arrived(1)
})
