import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RedisServer, startRedis } from '../../tools/brokers/redis.ts'
import { UnavailableError } from '../../tools/services/broker.ts'
import { type KombuPeer, type PeerMessage, startKombuPeer } from './kombu-peer.ts'
import { findPython, type KombuRelease, kombuReleases } from './python.ts'

let redis: RedisServer | undefined
let missing = 'no Redis server was started'

beforeAll(async () => {
  try {
    redis = await startRedis()
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error
    missing = error.message
  }
})

afterAll(() => redis?.process.stop())

interface Connected extends AsyncDisposable {
  readonly peer: KombuPeer
  readonly connection: string
}

type Skip = (reason: string) => never

/** A peer of its own for each test, connected to a database of the one server. */
async function connect(
  release: KombuRelease,
  skip: Skip,
  options: { readonly database?: number; readonly visibility_timeout?: number } = {},
): Promise<Connected> {
  if (redis === undefined) return skip(missing)
  const python = findPython(release)
  if (python.path === undefined) return skip(python.reason)
  const { database = 0, ...transport_options } = options
  const url = new URL(`/${database}`, redis.url).href
  const peer = await startKombuPeer(python.path)
  const { connection } = await peer.request('connect', { url, transport_options })
  return { peer, connection, [Symbol.asyncDispose]: () => peer.close() }
}

function onlyOf(messages: readonly PeerMessage[]): PeerMessage {
  const [message] = messages
  if (message === undefined || messages.length > 1) {
    throw new Error(`${messages.length} messages instead of one`)
  }
  return message
}

describe.concurrent.each(kombuReleases)('%s', (release) => {
  test('publishes and consumes with everything that a message has', async ({ skip }) => {
    await using party = await connect(release, skip)
    const { peer, connection } = party
    const queue = { name: `q-${randomUUID()}` }
    await peer.request('publish', {
      connection,
      body: { json: { a: 1 } },
      routing_key: queue.name,
      declare: [{ queue }],
      headers: { h: 'x' },
      priority: 3,
      expiration: 2.5,
      correlation_id: 'cid',
    })
    const message = onlyOf(
      (await peer.request('consume', { connection, queues: [queue], accept: ['json'] })).messages,
    )
    expect(message).toMatchObject({
      body: { json: { a: 1 } },
      raw: Buffer.from('{"a": 1}').toString('base64'),
      error: null,
      content_type: 'application/json',
      content_encoding: 'utf-8',
      headers: { h: 'x' },
      properties: { priority: 3, expiration: '2500', correlation_id: 'cid', delivery_mode: 2 },
      delivery_info: { exchange: '', routing_key: queue.name },
      redelivered: false,
    })
    const nothing = await peer.request('consume', { connection, queues: [queue], timeout: 0.1 })
    expect(nothing.messages).toEqual([])
  })

  test('describes bytes, and what is no JSON, and what it cannot read', async ({ skip }) => {
    await using party = await connect(release, skip)
    const { peer, connection } = party
    const queue = { name: `q-${randomUUID()}` }
    const to = { connection, routing_key: queue.name }
    await peer.request('publish', { ...to, body: { base64: '/wA=' } })
    await peer.request('publish', { ...to, body: { python: '2 ** 64' } })
    await peer.request('publish', {
      ...to,
      body: { json: 'never' },
      content_type: 'application/json',
    })
    await peer.request('publish', { ...to, body: { python: '{1}' }, serializer: 'pickle' })
    const { messages } = await peer.request('consume', { connection, queues: [queue], count: 4 })
    expect(messages.map(({ body, error }) => body ?? error?.type)).toEqual([
      { base64: '/wA=' },
      { python: '18446744073709551616' },
      'DecodeError',
      'ContentDisallowed',
    ])
  })

  test('holds what it receives until it is settled', async ({ skip }) => {
    await using party = await connect(release, skip)
    const { peer, connection } = party
    const queue = { name: `q-${randomUUID()}` }
    const { consumer } = await peer.request('subscribe', {
      connection,
      queues: [queue],
      prefetch_count: 1,
    })
    for (const json of ['one', 'two', 'three']) {
      await peer.request('publish', { connection, body: { json }, routing_key: queue.name })
    }
    const receive = async () => onlyOf((await peer.request('receive', { consumer })).messages)
    const one = await receive()
    const held = await peer.request('receive', { consumer, timeout: 0.2 })
    expect(held.messages, 'the prefetch is used up').toEqual([])
    await peer.request('reject', { message: one.message })
    const two = await receive()
    await peer.request('requeue', { message: two.message })
    const three = await receive()
    await peer.request('ack', { message: three.message })
    const again = await receive()
    expect([one, two, three, again].map(({ body }) => body)).toEqual(
      ['one', 'two', 'three', 'two'].map((json) => ({ json })),
    )
    expect([two.redelivered, again.redelivered]).toEqual([false, true])
    await expect(peer.request('ack', { message: three.message })).rejects.toMatchObject({
      type: 'MessageStateError',
    })
    await peer.request('cancel', { consumer })
    expect(await peer.request('qsize', { connection, queue: queue.name })).toEqual({ messages: 1 })
    expect(await peer.request('purge', { connection, queue: queue.name })).toEqual({ removed: 1 })
    await expect(peer.request('qsize', { connection, queue: queue.name })).rejects.toThrow('404')
  })

  test('gets one message, or none', async ({ skip }) => {
    await using party = await connect(release, skip)
    const { peer, connection } = party
    const queue = { name: `q-${randomUUID()}` }
    expect(await peer.request('get', { connection, queue })).toEqual({ message: null })
    await peer.request('simple_put', { connection, queue: queue.name, body: { json: 1 } })
    expect(await peer.request('simple_qsize', { connection, queue: queue.name })).toEqual({
      messages: 1,
    })
    const { message } = await peer.request('get', { connection, queue })
    expect(message?.body).toEqual({ json: 1 })
    await peer.request('requeue', { message: message?.message ?? '' })
    const simple = await peer.request('simple_get', { connection, queue: queue.name })
    expect(simple.message).toMatchObject({ body: { json: 1 }, redelivered: true })
    const nothing = { connection, queue: queue.name, timeout: 0.1 }
    expect(await peer.request('simple_get', nothing)).toEqual({ message: null })
  })

  test('routes by bindings that are declared, bound and unbound', async ({ skip }) => {
    await using party = await connect(release, skip)
    const { peer, connection } = party
    const exchange = { name: `x-${randomUUID()}`, type: 'topic' }
    const queue = { name: `q-${randomUUID()}`, exchange, routing_key: 'a.*' }
    expect(await peer.request('declare', { connection, entities: [{ queue }] })).toEqual({
      names: [queue.name],
    })
    const publish = (routing_key: string) =>
      peer.request('publish', { connection, body: { json: routing_key }, exchange, routing_key })
    await peer.request('bind', { connection, queue, exchange, routing_key: 'b.#' })
    for (const key of ['a.1', 'b.2', 'c.3']) await publish(key)
    const { messages } = await peer.request('consume', { connection, queues: [queue], count: 2 })
    expect(messages.map(({ body }) => body)).toEqual([{ json: 'a.1' }, { json: 'b.2' }])
    await peer.request('publish', {
      connection,
      producer: { exchange },
      body: { json: 'made with the exchange' },
      routing_key: 'a.4',
    })
    const one = await peer.request('consume', { connection, queues: [queue] })
    expect(onlyOf(one.messages).delivery_info).toMatchObject({ exchange: exchange.name })
    await peer.request('delete', { connection, entity: { queue } })
  })

  test('a fanout reaches every subscriber from the moment that it subscribed', async ({ skip }) => {
    await using party = await connect(release, skip)
    const { peer, connection } = party
    const exchange = { name: `x-${randomUUID()}`, type: 'fanout' }
    const queues = [1, 2].map((number) => ({ name: `q${number}-${randomUUID()}`, exchange }))
    const consumers: string[] = []
    for (const queue of queues) {
      const { consumer } = await peer.request('subscribe', { connection, queues: [queue] })
      consumers.push(consumer)
    }
    await peer.request('publish', {
      connection,
      body: { json: 'all' },
      exchange,
      declare: [{ exchange }],
    })
    for (const consumer of consumers) {
      const { messages } = await peer.request('receive', { consumer })
      expect(onlyOf(messages).body).toEqual({ json: 'all' })
    }
  })

  test('killed while it holds a message, it leaves it to whoever looks next', async ({ skip }) => {
    // A database apart: what is overdue here is overdue for every queue in it.
    const apart = { database: 1, visibility_timeout: 1 }
    await using victim = await connect(release, skip, apart)
    const queue = { name: `q-${randomUUID()}` }
    const to = { connection: victim.connection, routing_key: queue.name }
    await victim.peer.request('publish', { ...to, body: { json: 'mine' } })
    const { consumer } = await victim.peer.request('subscribe', {
      connection: victim.connection,
      queues: [queue],
    })
    const { messages } = await victim.peer.request('receive', { consumer })
    expect(onlyOf(messages).redelivered).toBe(false)
    await victim.peer.kill()

    // Kombu looks for what is overdue in every tenth empty poll, the first included.
    await using heir = await connect(release, skip, apart)
    const rescued = await heir.peer.request('consume', {
      connection: heir.connection,
      queues: [queue],
      timeout: 25,
    })
    expect(onlyOf(rescued.messages)).toMatchObject({ body: { json: 'mine' }, redelivered: true })
  })

  test('closed while it holds a message, it gives it back', async ({ skip }) => {
    await using party = await connect(release, skip)
    const { peer, connection } = party
    const queue = { name: `q-${randomUUID()}` }
    await peer.request('publish', { connection, body: { json: 1 }, routing_key: queue.name })
    const { consumer } = await peer.request('subscribe', { connection, queues: [queue] })
    await peer.request('receive', { consumer })
    await peer.request('close', { connection })
    await using other = await connect(release, skip)
    const { messages } = await other.peer.request('consume', {
      connection: other.connection,
      queues: [queue],
    })
    expect(onlyOf(messages).redelivered).toBe(true)
  })

  test.for(['direct', 'fanout'])(
    'a mailbox of type %s reaches its nodes',
    async (type, { skip }) => {
      await using nodes = await connect(release, skip)
      await using caller = await connect(release, skip)
      const namespace = `ns-${randomUUID()}`
      const names: string[] = []
      for (const hostname of ['host1', 'host2']) {
        const { node } = await nodes.peer.request('node', {
          connection: nodes.connection,
          namespace,
          type,
          hostname,
        })
        names.push(node)
      }
      const { mailbox, oid } = await caller.peer.request('mailbox', {
        connection: caller.connection,
        namespace,
        type,
      })
      const ask = { mailbox, command: 'add', arguments: { x: 1, y: 2 } }
      const both = await caller.peer.request('multi_call', { ...ask, limit: 2, timeout: 5 })
      expect(both.replies).toHaveLength(2)
      expect(both.replies).toEqual(expect.arrayContaining([{ host1: 3 }, { host2: 3 }]))
      const one = await caller.peer.request('call', { ...ask, destination: ['host2'] })
      expect(one.replies).toEqual([{ host2: 3 }])
      const failed = await caller.peer.request('call', {
        mailbox,
        command: 'fail',
        arguments: { reason: 'no' },
        destination: ['host1'],
      })
      expect(failed.replies).toEqual([{ host1: { error: "ValueError('no')" } }])
      const matching = await caller.peer.request('broadcast', {
        mailbox,
        command: 'ping',
        pattern: '*2',
        matcher: 'glob',
        reply: true,
        timeout: 5,
        limit: 1,
      })
      expect(matching.replies).toEqual([{ host2: 'pong' }])
      await caller.peer.request('cast', {
        mailbox,
        command: 'remember',
        arguments: { key: 'value' },
        destination: ['host1'],
      })
      const log = await nodes.peer.request('node_log', { node: names[0] ?? '', count: 5 })
      expect(log.commands.map(({ body }) => body['method'])).toEqual([
        'add',
        'add',
        'fail',
        'ping',
        'remember',
      ])
      expect(log.commands[0]).toMatchObject({
        body: {
          method: 'add',
          arguments: { x: 1, y: 2 },
          destination: null,
          reply_to: { exchange: `reply.${namespace}.pidbox`, routing_key: oid },
        },
        headers: { clock: expect.any(Number), expires: expect.any(Number) },
      })
      await nodes.peer.request('stop_node', { node: names[1] ?? '' })
    },
  )
})
