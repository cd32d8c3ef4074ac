import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Connection } from '../connection.ts'
import { Queue } from '../entity/queue.ts'
import { memory } from '../memory/memory.ts'
import { MemoryBroker } from '../memory/memory-broker.ts'
import type { Message } from '../message/message.ts'
import { Mailbox } from './mailbox.ts'
import type { Node, NodeOptions } from './node.ts'

let broker: MemoryBroker
let connections: Connection[]
let warnings: Error[]

beforeEach(() => {
  broker = new MemoryBroker()
  connections = []
  warnings = []
})

afterEach(async () => {
  for (const connection of connections) await connection.close()
})

function connect(): Connection {
  const connection = new Connection(memory({ broker }))
  connection.on('warning', ({ error }) => warnings.push(error))
  connections.push(connection)
  return connection
}

function mailbox(type: 'direct' | 'fanout' = 'fanout'): Mailbox {
  return new Mailbox(type === 'fanout' ? 'test' : 'direct', { type, connection: connect() })
}

async function listening(
  hostname: string,
  handlers: NodeOptions<string>['handlers'] = {},
): Promise<Node<string>> {
  const node = mailbox().node(hostname, { state: `state of ${hostname}`, handlers })
  await node.listen()
  return node
}

/** Everything that was sent to the mailbox, read by a queue beside the nodes'. */
async function spy(on: Mailbox, queueName = 'spy'): Promise<AsyncIterator<Message>> {
  const stream = connect().consume(new Queue(queueName, { exchange: on.exchange }), { noAck: true })
  await stream.start()
  return stream
}

async function next(stream: AsyncIterator<Message>): Promise<Message> {
  const { value } = await stream.next()
  return value
}

describe('the wire', () => {
  test('names are Kombu’s', () => {
    const box = new Mailbox('ns', { type: 'fanout', queueTtlMs: 5_000, queueExpiresMs: 7_000 })
    expect(box.exchange.declaration).toMatchObject({
      name: 'ns.pidbox',
      type: 'fanout',
      durable: false,
      autoDelete: false,
    })
    expect(box.exchange.deliveryMode).toBe(1)
    expect(box.nodeQueue('host').declaration).toEqual({
      name: 'host.ns.pidbox',
      durable: false,
      exclusive: false,
      autoDelete: true,
      passive: false,
      arguments: { 'x-expires': 7_000, 'x-message-ttl': 5_000 },
    })
    expect(box.nodeQueue('host').routingKey).toBe('')
    expect(box.replyExchange.declaration).toMatchObject({
      name: 'reply.ns.pidbox',
      type: 'direct',
      durable: false,
    })
    expect(box.replyQueue.declaration).toMatchObject({
      name: `${box.oid}.reply.ns.pidbox`,
      autoDelete: true,
      arguments: { 'x-expires': 10_000 },
    })
    expect(box.replyQueue.routingKey).toBe(box.oid)
    expect(box.oid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-3[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(box.oid).not.toBe(new Mailbox('ns').oid)
  })

  test('a cast is Kombu’s message', async () => {
    const box = mailbox()
    const sent = await spy(box)
    const before = Date.now() / 1000
    await box.cast(['a', 'b'], 'ping', { x: 1 })
    const message = await next(sent)
    expect(message.payload).toEqual({
      method: 'ping',
      arguments: { x: 1 },
      destination: ['a', 'b'],
      pattern: null,
      matcher: null,
    })
    expect([message.contentType, message.contentEncoding]).toEqual(['application/json', 'utf-8'])
    expect(message.deliveryInfo).toMatchObject({ exchange: 'test.pidbox', routingKey: '' })
    expect(message.properties).toMatchObject({ deliveryMode: 2, priority: 0 })
    expect(message.headers['clock']).toBe(1)
    const expires = Number(message.headers['expires'])
    expect(expires).toBeGreaterThanOrEqual(before + 1)
    expect(expires).toBeLessThan(before + 2)
  })

  test('a call says where the reply goes', async () => {
    const box = mailbox()
    const sent = await spy(box)
    await box.multiCall('ping', undefined, { timeoutMs: 1 })
    const uuid4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4/
    expect((await next(sent)).payload).toEqual({
      method: 'ping',
      arguments: {},
      destination: null,
      pattern: null,
      matcher: null,
      ticket: expect.stringMatching(uuid4),
      reply_to: { exchange: 'reply.test.pidbox', routing_key: box.oid },
    })
  })

  test('a pattern goes with its matcher', async () => {
    const box = mailbox()
    const sent = await spy(box)
    await box.broadcast('ping', {}, { pattern: 'web*' })
    expect((await next(sent)).payload).toMatchObject({ pattern: 'web*', matcher: 'glob' })
    await box.broadcast('ping', {}, { pattern: 'web.*', matcher: 'pcre' })
    expect((await next(sent)).payload).toMatchObject({ pattern: 'web.*', matcher: 'pcre' })
  })

  test('a reply is Kombu’s message', async () => {
    const box = mailbox()
    const node = await listening('a')
    const replies = connect().consume(box.replyQueue, { noAck: true })
    await replies.start()
    await node.reply('pong', { exchange: 'reply.test.pidbox', routing_key: box.oid }, 'ticket 1')
    const message = await next(replies)
    expect(message.payload).toEqual({ a: 'pong' })
    expect(message.headers).toEqual({ ticket: 'ticket 1', clock: 1 })
    expect(message.properties).toMatchObject({ deliveryMode: 1 })
    await replies.return()
  })
})

describe('calling', () => {
  test('multiCall() gets an answer of every node', async () => {
    await listening('a', { whoami: (state) => state })
    await listening('b', { whoami: async (state) => state })
    const replies = await mailbox().multiCall('whoami', {}, { limit: 2, timeoutMs: 5_000 })
    expect(replies).toHaveLength(2)
    expect(Object.assign({}, ...replies)).toEqual({ a: 'state of a', b: 'state of b' })
  })

  test('call() gets an answer of the nodes it names, and does not wait for more', async () => {
    await listening('a', { ping: () => 'pong' })
    await listening('b', { ping: () => 'pong' })
    expect(await mailbox().call(['b'], 'ping')).toEqual([{ b: 'pong' }])
    expect(await mailbox().call('a', 'ping')).toEqual([{ a: 'pong' }])
  })

  test('arguments arrive by name; nothing returned is null', async () => {
    const seen: unknown[] = []
    await listening('a', { note: (_state, kwargs) => void seen.push(kwargs) })
    expect(await mailbox().call(['a'], 'note', { x: 1, y: [2] })).toEqual([{ a: null }])
    expect(seen).toEqual([{ x: 1, y: [2] }])
  })

  test('an error is answered as Kombu answers it, and ends nothing', async () => {
    await listening('a', {
      fail: () => {
        throw new RangeError("can't")
      },
      reject: () => Promise.reject(new Error('later')),
      unwritable: () => () => undefined,
      ping: () => 'pong',
    })
    const box = mailbox()
    expect(await box.call('a', 'fail')).toEqual([{ a: { error: `RangeError("can't")` } }])
    expect(await box.call('a', 'reject')).toEqual([{ a: { error: "Error('later')" } }])
    expect(await box.call('a', 'unwritable')).toEqual([
      { a: { error: expect.stringMatching(/^EncodeError\('/) } },
    ])
    expect(await box.call('a', 'unknown')).toEqual([
      { a: { error: expect.stringContaining('has no handler "unknown". Its handlers: fail,') } },
    ])
    expect(await box.call('a', 'ping')).toEqual([{ a: 'pong' }])
    expect(warnings).toEqual([])
  })

  test('the callback is told of each reply as it comes', async () => {
    await listening('a', { ping: () => 'pong' })
    const told: unknown[] = []
    const box = mailbox()
    await box.multiCall('ping', {}, { limit: 1, callback: (reply) => told.push(reply) })
    expect(told).toEqual([{ a: 'pong' }])
    const failing = box.multiCall('ping', {}, { callback: () => { throw new Error('enough') } }) // biome-ignore format: one line
    await expect(failing).rejects.toThrow('enough')
  })

  test('a call nobody answers ends with its deadline, empty', async () => {
    expect(await mailbox().multiCall('ping', {}, { timeoutMs: 5 })).toEqual([])
    expect(await mailbox('direct').call('nobody', 'ping', {}, { timeoutMs: 5 })).toEqual([])
  })

  test('many calls at a time share one reply queue and get their own replies', async () => {
    await listening('a', { echo: (_state, { n }) => n })
    const box = mailbox()
    const calls = Array.from({ length: 50 }, (_, n) => box.call('a', 'echo', { n }))
    expect(await Promise.all(calls)).toEqual(Array.from({ length: 50 }, (_, n) => [{ a: n }]))
  })

  test('nothing is left behind after a call, and the next one works', async () => {
    await listening('a', { ping: () => 'pong' })
    const box = mailbox()
    for (let round = 0; round < 3; round += 1) {
      expect(await box.call('a', 'ping')).toEqual([{ a: 'pong' }])
      expect(broker.find(box.replyQueue.name)).toBeUndefined()
      expect(await broker.bindings.lookup('reply.test.pidbox')).toEqual([])
    }
  })

  test('replies for a call that has ended are kept while others are under way', async () => {
    const late = Promise.withResolvers<string>()
    const end = Promise.withResolvers<string>()
    await listening('a', { late: () => late.promise, hold: () => end.promise })
    const box = mailbox()
    const lasting = box.call('a', 'hold')
    expect(await box.call('a', 'late', {}, { timeoutMs: 5 })).toEqual([])
    late.resolve('at last')
    await expect.poll(() => box.unclaimed.size).toBe(1)
    expect(box.unclaimed.tickets.map((ticket) => box.unclaimed.take(ticket))).toEqual([
      [{ a: 'at last' }],
    ])
    end.resolve('done')
    expect(await lasting).toEqual([{ a: 'done' }])
  })

  test('an abort ends the wait', async () => {
    const aborting = new AbortController()
    const call = mailbox().multiCall('ping', {}, { timeoutMs: 60_000, signal: aborting.signal })
    aborting.abort(new Error('stop'))
    await expect(call).rejects.toThrow('stop')
  })
})

describe('casting', () => {
  test('that nobody listens is no error', async () => {
    await mailbox('fanout').abcast('ping')
    await mailbox('direct').abcast('ping')
    await mailbox('direct').cast(['nobody'], 'ping')
  })

  test('reaches those named, those that match, or all', async () => {
    const done: string[] = []
    const all = Promise.withResolvers<void>()
    for (const hostname of ['web1', 'web2', 'db1'])
      await listening(hostname, {
        note: (_state, { what }) => {
          done.push(`${hostname} ${what}`)
          if (what === 'end' && done.length === 6) all.resolve()
        },
      })
    const box = mailbox()
    await box.cast(['web2'], 'note', { what: 'cast' })
    await box.broadcast('note', { what: 'glob' }, { pattern: 'web?' })
    await box.broadcast('note', { what: 'nobody' }, { pattern: 'x.*', matcher: 'pcre' })
    await box.broadcast('note', { what: 'nobody' }, { destination: [] })
    await box.abcast('note', { what: 'end' })
    await all.promise
    expect(done.sort()).toEqual([
      'db1 end',
      'web1 end',
      'web1 glob',
      'web2 cast',
      'web2 end',
      'web2 glob',
    ])
  })

  test('an error in a cast is reported at the node', async () => {
    await listening('a', { fail: () => Promise.reject(new Error('no paper')) })
    await mailbox().abcast('fail')
    await expect.poll(() => warnings.map(String)).toEqual(['Error: no paper'])
  })
})

describe('Node', () => {
  test('registers handlers by their names, or others', async () => {
    const node = await listening('a')
    function ping() {
      return 'pong'
    }
    expect(node.handler(ping)).toBe(ping)
    node.handler('two', () => 2)
    expect(await mailbox().call('a', 'ping')).toEqual([{ a: 'pong' }])
    expect(await mailbox().call('a', 'two')).toEqual([{ a: 2 }])
    expect(() => node.handler(() => 3)).toThrow('function with a name')
  })

  test('what is no command is reported, and ends nothing', async () => {
    const node = await listening('a', { ping: () => 'pong' })
    const { exchange } = node.mailbox
    const producer = connect().producer({ exchange })
    await producer.publish({ hello: 'world' })
    await producer.publish('text')
    await producer.publish({ method: 'ping', arguments: {}, pattern: '[', matcher: 'unknown' })
    expect(await mailbox().call('a', 'ping')).toEqual([{ a: 'pong' }])
    expect(warnings.map((warning) => Reflect.get(warning, 'code'))).toEqual([
      'NOT_DECODABLE',
      'CONTENT_DISALLOWED',
      'BAD_OPTION',
    ])
  })

  test('listen({ callback }) receives instead of doing', async () => {
    const node = mailbox().node('a', { handlers: { ping: () => 'pong' } })
    const received = Promise.withResolvers<unknown>()
    await using consumer = await node.listen({ callback: (body) => received.resolve(body) })
    expect(consumer.consumingFrom('a.test.pidbox')).toBe(true)
    await mailbox().abcast('ping', { x: 1 })
    expect(await received.promise).toMatchObject({ method: 'ping', arguments: { x: 1 } })
  })

  test('two of one name are reported', async () => {
    const box = mailbox()
    const channel = box.connection.channel()
    await box.node('a').listen({ channel })
    await box.node('a').listen({ channel })
    expect(warnings.map(String)).toEqual([expect.stringContaining('"a" of mailbox "test"')])
  })

  test('listens again after its connection was cut', async () => {
    const node = await listening('a', { ping: () => 'pong' })
    const { connection } = node.mailbox
    node.mailbox.connection.collect()
    await connection.ready()
    expect(await mailbox().call('a', 'ping')).toEqual([{ a: 'pong' }])
  })

  test('close() ends it', async () => {
    const node = await listening('a', { ping: () => 'pong' })
    await node.close()
    expect(await mailbox().call('a', 'ping', {}, { timeoutMs: 5 })).toEqual([])
    expect(broker.find('a.test.pidbox')).toBeUndefined()
  })
})

describe('the clock', () => {
  test('goes past what was received, on both sides', async () => {
    const node = await listening('a', { ping: () => 'pong' })
    const box = mailbox()
    box.clock.adjust(100)
    await box.call('a', 'ping')
    // 102 with the command, 103 when it arrived, 104 with the reply, 105 when that arrived.
    expect(node.mailbox.clock.value).toBe(104)
    expect(box.clock.value).toBe(105)
  })

  test('a message without one, or with an absurd one, counts as an event', async () => {
    const node = await listening('a', { ping: () => 'pong' })
    const producer = connect().producer({ exchange: node.mailbox.exchange })
    for (const headers of [{}, { clock: -1 }, { clock: 2 ** 53 }, { clock: 'noon' }])
      await producer.publish({ method: 'ping' }, { headers })
    await expect.poll(() => node.mailbox.clock.value).toBe(4)
    expect(warnings).toEqual([])
  })
})

describe('options', () => {
  test.for([
    [{ type: 'topic' }],
    [{ queueDurable: true, queueExclusive: true }],
    [{ queueTtl: 5 }],
    [{ queueTtlMs: -1 }],
  ])('%j are refused', ([options]) => {
    expect(() => new Mailbox('test', options as object)).toThrow(
      expect.objectContaining({ code: 'BAD_OPTION' }),
    )
  })

  test('a mailbox without a connection says so', async () => {
    await expect(new Mailbox('test').abcast('ping')).rejects.toThrow('mailbox.bind(connection)')
    await new Mailbox('test').bind(connect()).abcast('ping')
  })

  test('a durable mailbox has durable queues', () => {
    const box = new Mailbox('test', { queueDurable: true })
    expect(box.nodeQueue('a')).toMatchObject({ durable: true, autoDelete: false })
    expect(box.replyQueue).toMatchObject({ durable: true, autoDelete: false })
  })
})
