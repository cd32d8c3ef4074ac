import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { kombuFacts } from './kombu-facts.ts'
import { type KombuPeer, type PeerMessage, type PeerQueue, startKombuPeer } from './kombu-peer.ts'
import { brokerNames } from './matrix.ts'
import { type PrivateBrokers, privateBrokers } from './private-brokers.ts'
import { findPython, kombuReleases } from './python.ts'

let brokers: PrivateBrokers | undefined

beforeAll(async () => {
  brokers = await privateBrokers()
})

afterAll(() => brokers?.[Symbol.asyncDispose]())

interface Bench {
  /** The owner of most queues, and another process. */
  readonly peer: KombuPeer
  readonly connection: string
  readonly other: KombuPeer
  readonly otherConnection: string
  /** Begins every name. */
  readonly prefix: string
}

function bodies(messages: readonly PeerMessage[]): readonly unknown[] {
  return messages.map(({ body }) => (body !== null && 'json' in body ? body.json : body))
}

async function publish(
  { peer, connection }: Bench,
  queue: PeerQueue,
  message: { readonly json: unknown; readonly [option: string]: unknown },
) {
  const { json, ...options } = message
  await peer.request('publish', {
    connection,
    body: { json },
    routing_key: queue.name ?? '',
    declare: [{ queue }],
    ...options,
  })
}

async function take(bench: Bench, queue: PeerQueue, count: number): Promise<readonly unknown[]> {
  const { connection } = bench
  const request = { connection, queues: [queue], count, timeout: 2 }
  return bodies((await bench.peer.request('consume', request)).messages)
}

/** In folders the order of one millisecond is random. */
async function nextMillisecond({ peer, connection }: Bench) {
  await peer.request('drain', { connection, timeout: 0.005 })
}

async function observeTopic(bench: Bench) {
  const { peer, connection, other, otherConnection, prefix } = bench
  const exchange = { name: `${prefix}-topic`, type: 'topic' }
  const queue = { name: `${prefix}-topic-queue`, exchange, routing_key: 'a.*' }
  await peer.request('declare', { connection, entities: [{ queue }] })
  const send = async (json: string, options: object) => {
    const message = { connection: otherConnection, body: { json }, exchange, ...options }
    await other.request('publish', message)
    await nextMillisecond(bench)
  }
  await send('shared', { declare: [{ exchange }], routing_key: 'a.b' })
  await send('several', { declare: [{ queue }], routing_key: 'a.b.c' })
  await send('last', { declare: [{ queue }], routing_key: 'a.z' })
  const arrived: unknown[] = []
  while (!arrived.includes('last')) arrived.push(...(await take(bench, queue, 1)))
  return {
    sharedBindings: arrived.includes('shared'),
    starSpansWords: arrived.includes('several'),
  }
}

async function observeRequeue(bench: Bench) {
  const { peer, connection, prefix } = bench
  const queue = { name: `${prefix}-requeue` }
  for (const json of ['again', 'waiting']) {
    await publish(bench, queue, { json })
    await nextMillisecond(bench)
  }
  const request = { connection, queues: [queue], prefetch_count: 1 }
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
  const queue = { name: `${bench.prefix}-priorities`, max_priority: 10 }
  for (const priority of [5, 9, 0]) {
    await publish(bench, queue, { json: priority, priority })
    await nextMillisecond(bench)
  }
  const order = (await take(bench, queue, 3)).join()
  if (order === '5,9,0') return { priorities: false }
  const orders: Readonly<Record<string, string>> = { '0,5,9': 'low-first', '9,5,0': 'high-first' }
  return { priorities: orders[order] ?? order }
}

async function observeExpiration(bench: Bench) {
  const queue = { name: `${bench.prefix}-expiration` }
  await publish(bench, queue, { json: 1, expiration: 0.001 })
  await bench.peer.request('drain', { connection: bench.connection, timeout: 0.1 })
  return { expiration: (await take(bench, queue, 1)).length === 0 }
}

async function observeDeadLetters(bench: Bench) {
  const { peer, connection, prefix } = bench
  const dead = { name: `${prefix}-dead` }
  const letters = { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': dead.name }
  const queue = { name: `${prefix}-mortal`, queue_arguments: letters }
  await peer.request('declare', { connection, entities: [{ queue: dead }] })
  await publish(bench, queue, { json: 'rejected' })
  const { message } = await peer.request('get', { connection, queue })
  await peer.request('reject', { message: message?.message ?? '' })
  return { deadLetters: (await take(bench, dead, 1)).length === 1 }
}

async function observeUnknownQueue({ peer, connection, prefix }: Bench) {
  const queue = `${prefix}-unknown`
  const size = await peer.request('qsize', { connection, queue }).catch(String)
  if (typeof size !== 'string') return { unknownQueue: size.messages === 0 ? 'empty' : size }
  return { unknownQueue: size.includes('NOT_FOUND') ? 'not-found' : size }
}

async function observeMailboxes(bench: Bench) {
  const { peer, connection, other, otherConnection, prefix: namespace } = bench
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
  const { other, otherConnection, prefix } = bench
  const queue = { name: `${prefix}-killed` }
  await publish(bench, queue, { json: 'held' })
  const request = { connection: otherConnection, queues: [queue] }
  const { consumer } = await other.request('subscribe', request)
  expect((await other.request('receive', { consumer })).messages).toHaveLength(1)
  await other.kill()
  // Overdue after a second; looked for in every tenth poll of half a second.
  for (let poll = 0; poll < 4; poll += 1) {
    if ((await take(bench, queue, 1)).length > 0) return { killedHolder: 'returns' }
  }
  return { killedHolder: 'lost' }
}

async function observe(bench: Bench): Promise<object> {
  return {
    ...(await observeTopic(bench)),
    ...(await observeRequeue(bench)),
    ...(await observePriorities(bench)),
    ...(await observeExpiration(bench)),
    ...(await observeDeadLetters(bench)),
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
    const reason = brokers?.missing(broker) ?? ''
    if (brokers === undefined || reason !== '') return skip(reason)
    const { kombu } = brokers.addresses[broker]
    // A database of its own: Kombu looks after what anybody in it left.
    const database = `/${kombuReleases.indexOf(release)}`
    const url = broker === 'redis' ? new URL(database, kombu.url).href : kombu.url
    const restoring = broker === 'redis' ? { transport_options: { visibility_timeout: 1 } } : {}
    const connecting = { ...kombu, ...restoring, url }
    await using peer = await startKombuPeer(python.path)
    await using other = await startKombuPeer(python.path)
    const { connection } = await peer.request('connect', connecting)
    const { connection: otherConnection } = await other.request('connect', connecting)
    const bench = { peer, connection, other, otherConnection, prefix: randomUUID() }
    expect(await observe(bench)).toEqual(kombuFacts[release][broker])
  },
)
