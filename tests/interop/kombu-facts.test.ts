import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RedisServer, startRedis } from '../../tools/brokers/redis.ts'
import { UnavailableError } from '../../tools/services/broker.ts'
import { type KombuPeer, type PeerMessage, startKombuPeer } from './kombu-peer.ts'
import { type BrokerName, brokerNames, kombuFacts } from './matrix.ts'
import { findPython, kombuReleases } from './python.ts'

let redis: RedisServer | undefined
let missing = 'no Redis server was started'
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dashi-facts-'))
  try {
    redis = await startRedis()
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error
    missing = error.message
  }
})

afterAll(async () => {
  await redis?.process.stop()
  await rm(folder, { recursive: true })
})

interface Bench {
  /** The owner of most queues, and another process. */
  readonly peer: KombuPeer
  readonly connection: string
  readonly other: KombuPeer
  readonly otherConnection: string
}

function bodies(messages: readonly PeerMessage[]): readonly unknown[] {
  return messages.map(({ body }) => (body !== null && 'json' in body ? body.json : body))
}

async function publish(
  bench: Bench,
  queue: string,
  message: { readonly json: unknown; readonly [option: string]: unknown },
) {
  const { json, ...options } = message
  const { connection } = bench
  await bench.peer.request('publish', {
    connection,
    body: { json },
    routing_key: queue,
    ...options,
  })
}

async function take(bench: Bench, name: string, count: number): Promise<readonly unknown[]> {
  const { connection } = bench
  const request = { connection, queues: [{ name }], count, timeout: 2 }
  return bodies((await bench.peer.request('consume', request)).messages)
}

async function observeTopic(bench: Bench) {
  const exchange = { name: 'topic', type: 'topic' }
  const queue = { name: 'topic-queue', exchange, routing_key: 'a.*' }
  const { peer, connection, other, otherConnection } = bench
  await peer.request('declare', { connection, entities: [{ queue }] })
  const send = (json: string, options: object) =>
    other.request('publish', { connection: otherConnection, body: { json }, exchange, ...options })
  await send('shared', { declare: [{ exchange }], routing_key: 'a.b' })
  await send('several', { declare: [{ queue }], routing_key: 'a.b.c' })
  await send('last', { declare: [{ queue }], routing_key: 'a.z' })
  const arrived: unknown[] = []
  while (!arrived.includes('last')) arrived.push(...(await take(bench, queue.name, 1)))
  return {
    sharedBindings: arrived.includes('shared'),
    starSpansWords: arrived.includes('several'),
  }
}

async function observeRequeue(bench: Bench) {
  const { peer, connection } = bench
  await publish(bench, 'requeue', { json: 'again' })
  await publish(bench, 'requeue', { json: 'waiting' })
  const request = { connection, queues: [{ name: 'requeue' }], prefetch_count: 1 }
  const { consumer } = await peer.request('subscribe', request)
  const [again] = (await peer.request('receive', { consumer })).messages
  await peer.request('requeue', { message: again?.message ?? '' })
  const arrived: PeerMessage[] = []
  while (arrived.length < 2) {
    const { messages } = await peer.request('receive', { consumer })
    for (const { message } of messages) await peer.request('ack', { message })
    arrived.push(...messages)
  }
  await peer.request('cancel', { consumer })
  const place = bodies(arrived).indexOf('again')
  return {
    requeue: place === 0 ? 'first' : 'last',
    redelivered: arrived[place]?.redelivered ?? false,
  }
}

async function observePriorities(bench: Bench) {
  for (const priority of [9, 0, 5]) await publish(bench, 'priorities', { json: priority, priority })
  const order = await take(bench, 'priorities', 3)
  if (order.join() === '9,0,5') return { priorities: false }
  return { priorities: order.join() === '0,5,9' ? 'low-first' : order }
}

async function observeExpiration(bench: Bench) {
  await publish(bench, 'expiration', { json: 1, expiration: 0.001 })
  await bench.peer.request('drain', { connection: bench.connection, timeout: 0.1 })
  return { expiration: (await take(bench, 'expiration', 1)).length === 0 }
}

async function observeUnknownQueue({ peer, connection }: Bench) {
  const size = await peer.request('qsize', { connection, queue: 'unknown' }).catch(String)
  if (typeof size !== 'string') return { unknownQueue: size.messages === 0 ? 'empty' : size }
  return { unknownQueue: size.includes('(404) NOT_FOUND') ? 'not-found' : size }
}

async function observeMailboxes(bench: Bench) {
  const { peer, connection, other, otherConnection } = bench
  const namespace = 'facts'
  const listening = { connection: otherConnection, namespace, hostname: 'host' }
  const { node } = await other.request('node', listening)
  const { mailbox } = await peer.request('mailbox', { connection, namespace })
  const request = { mailbox, command: 'ping', destination: ['host'], timeout: 2 }
  const { replies } = await peer.request('call', request)
  await other.request('stop_node', { node })
  return { mailboxes: replies?.length === 1 }
}

/** Last: it costs the other process. */
async function observeKilledHolder(bench: Bench) {
  await publish(bench, 'killed', { json: 'held' })
  const { other, otherConnection } = bench
  const request = { connection: otherConnection, queues: [{ name: 'killed' }] }
  const { consumer } = await other.request('subscribe', request)
  expect((await other.request('receive', { consumer })).messages).toHaveLength(1)
  await other.kill()
  // Overdue after a second; looked for in every tenth poll of half a second.
  for (let poll = 0; poll < 4; poll += 1) {
    if ((await take(bench, 'killed', 1)).length > 0) return { killedHolder: 'returns' }
  }
  return { killedHolder: 'lost' }
}

async function observe(bench: Bench): Promise<object> {
  return {
    ...(await observeTopic(bench)),
    ...(await observeRequeue(bench)),
    ...(await observePriorities(bench)),
    ...(await observeExpiration(bench)),
    ...(await observeUnknownQueue(bench)),
    ...(await observeMailboxes(bench)),
    ...(await observeKilledHolder(bench)),
  }
}

const cases = kombuReleases.flatMap((release) => brokerNames.map((broker) => ({ release, broker })))

test.concurrent.for(cases)(
  '$release on $broker behaves as kombuFacts says',
  async ({ release, broker }, { skip }) => {
    const python = findPython(release)
    if (python.path === undefined) return skip(python.reason)
    if (redis === undefined) return skip(missing)
    const urls: Readonly<Record<BrokerName, string>> = {
      redis: new URL(`/${kombuReleases.indexOf(release)}`, redis.url).href,
      sqlite: `sqla+sqlite:///${join(folder, release)}.db`,
    }
    const options = broker === 'redis' ? { transport_options: { visibility_timeout: 1 } } : {}
    const connecting = { url: urls[broker], polling_interval: 0.02, ...options }
    await using peer = await startKombuPeer(python.path)
    await using other = await startKombuPeer(python.path)
    const { connection } = await peer.request('connect', connecting)
    const { connection: otherConnection } = await other.request('connect', connecting)
    expect(await observe({ peer, connection, other, otherConnection })).toEqual(kombuFacts[broker])
  },
)
