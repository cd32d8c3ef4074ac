/** The same options of the Redis transport on both ends, other than the defaults. */
import { Connection, Exchange, Queue } from '@dashi/messaging'
import { type RedisOptions, redisStore } from '@dashi/redis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RedisServer, startRedis } from '../../tools/brokers/redis.ts'
import { UnavailableError } from '../../tools/services/broker.ts'
import { askRedis } from '../../tools/services/redis-request.ts'
import { type KombuPeer, type PeerMessage, startKombuPeer } from './kombu-peer.ts'
import { findPython, kombuReleases } from './python.ts'

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

interface Variant {
  readonly options: Readonly<Record<string, unknown>>
  /** In which order priorities 9, 0, 5, 3 come. */
  readonly order: readonly number[]
  /** Keys while a message of queue `q` is out and another waits. Where given, both sides' deaths are tried. */
  readonly keys?: readonly string[]
}

const usual = [0, 5, 3, 9]
const waiting = ['q', 'unacked', 'unacked_index']
const unacked = {
  unacked_key: 'out',
  unacked_index_key: 'out-since',
  unacked_mutex_key: 'out-lock',
}

/** In Kombu's spelling: what Kombu gets as it is, and we camelCased. */
const variants: Readonly<Record<string, Variant>> = {
  global_keyprefix: {
    options: { global_keyprefix: 'shop:' },
    order: usual,
    keys: waiting.map((key) => `shop:${key}`),
  },
  'fanout_prefix false': { options: { fanout_prefix: false }, order: usual },
  'fanout_prefix of its own': {
    options: { fanout_prefix: '/events-{db}.' },
    order: usual,
  },
  'fanout_patterns false': { options: { fanout_patterns: false }, order: usual },
  sep: { options: { sep: '|' }, order: usual, keys: waiting },
  priority_steps: { options: { priority_steps: [0, 5] }, order: [0, 3, 9, 5] },
  'unacked keys': {
    options: unacked,
    order: usual,
    keys: ['out', 'out-since', 'q'],
  },
  'all together': {
    options: {
      ...unacked,
      global_keyprefix: 'shop:',
      fanout_prefix: '/e{db}.',
      sep: '::',
      priority_steps: [0, 4, 8],
    },
    order: [0, 3, 5, 9],
    keys: ['shop:out', 'shop:out-since', 'shop:q'],
  },
}

const camelCased = (options: object): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  )

/** Both ends, with the same options. */
interface Ends {
  readonly url: string
  readonly ours: Connection
  readonly peer: KombuPeer
  readonly connection: string
  /** In Kombu's spelling. */
  readonly transport: Readonly<Record<string, unknown>>
  readonly python: string
}

const visibility_timeout = 1
const priorities = [9, 0, 5, 3]

function jsonOf({ body }: PeerMessage): unknown {
  return body !== null && 'json' in body ? body.json : body
}

type Theirs = Pick<Ends, 'peer' | 'connection'>

async function theirs({ peer, connection }: Theirs, name: string, count: number) {
  const request = { connection, queues: [{ name }], count, timeout: 10 }
  return (await peer.request('consume', request)).messages.map(jsonOf)
}

async function ours({ ours }: Pick<Ends, 'ours'>, name: string, count: number) {
  const bodies: unknown[] = []
  const signal = AbortSignal.timeout(10_000)
  for await (const message of ours.consume(new Queue(name), { signal, prefetchCount: 1 })) {
    bodies.push(message.payload)
    message.ack()
    if (bodies.length === count) break
  }
  return bodies
}

async function observePriorities(ends: Ends) {
  const { peer, connection } = ends
  const producer = ends.ours.producer()
  for (const priority of priorities) {
    await producer.publish(priority, { routingKey: 'p-ours', priority })
    const body = { json: priority }
    await peer.request('publish', { connection, body, routing_key: 'p-theirs', priority })
  }
  return {
    ourPriorities: await theirs(ends, 'p-ours', priorities.length),
    theirPriorities: await ours(ends, 'p-theirs', priorities.length),
  }
}

/** What the one side binds, the other side finds. */
async function observeTopics(ends: Ends) {
  const { peer, connection } = ends
  const exchange = { name: 'topic', type: 'topic' }
  const topic = new Exchange('topic', { type: 'topic' })
  const bound = { name: 't-theirs', exchange, routing_key: 'theirs.*' }
  await peer.request('declare', { connection, entities: [{ queue: bound }] })
  const queue = new Queue('t-ours', { exchange: topic, routingKey: 'ours.#' })
  await queue.declare(ends.ours.defaultChannel)
  await ends.ours.producer({ exchange: topic }).publish('to Kombu', { routingKey: 'theirs.x' })
  const declare = [{ exchange }]
  const body = { json: 'to us' }
  const routing_key = 'ours.y.z'
  await peer.request('publish', { connection, body, exchange, routing_key, declare })
  return {
    topicToThem: await theirs(ends, 't-theirs', 1),
    topicToUs: await ours(ends, 't-ours', 1),
  }
}

async function observeBroadcasts(ends: Ends) {
  const { peer, connection } = ends
  // Channels know no databases.
  const name = `news${new URL(ends.url).pathname.replace('/', '-')}`
  const exchange = { name, type: 'fanout' }
  const news = new Exchange(name, { type: 'fanout' })
  const theirQueue = { name: 'f-theirs', exchange }
  const { consumer } = await peer.request('subscribe', { connection, queues: [theirQueue] })
  const stream = ends.ours.consume(new Queue('f-ours', { exchange: news }))
  await stream.start()
  const next = async () => {
    const { value } = await stream.next()
    value?.ack()
    return value?.payload
  }
  const received = async () => {
    const { messages } = await peer.request('receive', { consumer, timeout: 10 })
    return messages.map(jsonOf)
  }
  await ends.ours.producer({ exchange: news }).publish('from us')
  const fromUs = [...(await received()), await next()]
  const body = { json: 'from Kombu' }
  await peer.request('publish', { connection, body, exchange, declare: [{ exchange }] })
  const fromThem = [...(await received()), await next()]
  await peer.request('cancel', { consumer })
  await stream.return()
  return { fromUs, fromThem }
}

/** Whoever dies while it holds a message, the other side gives it back. Nobody of ours is there at first. */
async function observeDeaths(ends: Omit<Ends, 'ours'>) {
  const { peer, connection, url, transport } = ends
  for (const json of [1, 2]) {
    const declare = [{ queue: { name: 'q' } }]
    await peer.request('publish', { connection, body: { json }, routing_key: 'q', declare })
  }
  const dying = await redisStore({ ...placeOf(url), ...camelCased(transport) }).open({
    publishTimeoutMs: 5_000,
  })
  expect(await dying.take({ queues: ['q'], limit: 1, noAck: false })).toHaveLength(1)
  const keys = await keysOf(url)
  // As a kill would: nothing is given back.
  dying.destroy()
  const returned = [...(await theirs(ends, 'q', 1)), ...(await theirs(ends, 'q', 1))]

  await peer.request('publish', { connection, body: { json: 3 }, routing_key: 'q' })
  await using holder = await startKombuPeer(ends.python)
  const held = await holder.request('connect', { url, transport_options: transport })
  const request = { connection: held.connection, queues: [{ name: 'q' }] }
  const { consumer } = await holder.request('subscribe', request)
  expect((await holder.request('receive', { consumer, timeout: 10 })).messages).toHaveLength(1)
  await holder.kill()
  await using sweeping = new Connection(url, { transportOptions: camelCased(transport) })
  return { keys, returnedByThem: returned, returnedByUs: await ours({ ours: sweeping }, 'q', 1) }
}

function placeOf(url: string): RedisOptions {
  const { port, pathname } = new URL(url)
  return { host: '127.0.0.1', port: Number(port), database: databaseOf(pathname) }
}

function databaseOf(path: string): number {
  return Number(path.slice(1))
}

/** But for our list of sessions. */
async function keysOf(url: string): Promise<readonly string[]> {
  const { port, pathname } = new URL(url)
  const answer = await askRedis(Number(port), `SELECT ${databaseOf(pathname)}\r\nKEYS *`)
  const keys = answer.split('\r\n').filter((line) => /^[a-z_]/.test(line))
  return keys.filter((key) => !key.includes('_dashi.holders')).sort()
}

const cases = kombuReleases.flatMap((release) =>
  Object.entries(variants).map(([name, variant]) => ({ release, name, ...variant })),
)

/** Each in a database of its own. */
test.concurrent.for(cases.map((each, database) => ({ ...each, database })))(
  '$release with $name',
  async ({ release, options, order, keys, database }, { skip }) => {
    const python = findPython(release)
    if (python.path === undefined) return skip(python.reason)
    if (redis === undefined) return skip(missing)
    const url = new URL(`/${database}`, redis.url).href
    const transport = { ...options, visibility_timeout }
    await using peer = await startKombuPeer(python.path)
    const connecting = { url, transport_options: transport, polling_interval: 0.02 }
    const { connection } = await peer.request('connect', connecting)
    const ends = { peer, connection, url, transport, python: python.path }
    if (keys !== undefined) {
      const expected = { keys, returnedByThem: [2, 1], returnedByUs: [3] }
      expect(await observeDeaths(ends)).toEqual(expected)
    }

    await using connected = new Connection(url, { transportOptions: camelCased(options) })
    const both = { ...ends, ours: connected }
    expect(await observePriorities(both)).toEqual({ ourPriorities: order, theirPriorities: order })
    expect(await observeTopics(both)).toEqual({ topicToThem: ['to Kombu'], topicToUs: ['to us'] })
    expect(await observeBroadcasts(both)).toEqual({
      fromUs: ['from us', 'from us'],
      fromThem: ['from Kombu', 'from Kombu'],
    })
  },
)
