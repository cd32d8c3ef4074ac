import { randomUUID } from 'node:crypto'
import { Connection, Mailbox } from '@dashi/messaging'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RedisServer, startRedis } from '../../tools/brokers/redis.ts'
import { UnavailableError } from '../../tools/services/broker.ts'
import { type KombuPeer, startKombuPeer } from './kombu-peer.ts'
import { startProgram } from './printing-program.ts'
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

type Skip = (reason: string) => never

interface Ends extends AsyncDisposable {
  readonly peer: KombuPeer
  /** The peer's. */
  readonly connection: string
  readonly ours: Connection
}

async function connect(release: KombuRelease, skip: Skip): Promise<Ends> {
  const url = redis?.url ?? skip(missing)
  const { path, reason } = findPython(release)
  const peer = await startKombuPeer(path ?? skip(reason))
  const { connection } = await peer.request('connect', { url })
  const ours = new Connection(url)
  return {
    peer,
    connection,
    ours,
    async [Symbol.asyncDispose]() {
      await ours.close()
      await peer.close()
    },
  }
}

const types = ['direct', 'fanout'] as const
const cases = kombuReleases.flatMap((release) => types.map((type) => [release, type] as const))

describe.each(cases)('with %s, %s', (release, type) => {
  test('we call, Python answers', async ({ skip }) => {
    await using ends = await connect(release, skip)
    const { peer, connection, ours } = ends
    const namespace = `ns-${randomUUID()}`
    const { node } = await peer.request('node', { connection, namespace, type, hostname: 'py' })
    const box = new Mailbox(namespace, { type, connection: ours })

    expect(await box.call(['py'], 'ping')).toEqual([{ py: 'pong' }])
    expect(await box.call(['py'], 'add', { x: 1, y: 2 })).toEqual([{ py: 3 }])
    expect(await box.call(['py'], 'fail', { reason: "can't" })).toEqual([
      { py: { error: `ValueError("can't")` } },
    ])
    expect(await box.multiCall('echo', { a: [1, null, 'é'] }, { limit: 1 })).toEqual([
      { py: { a: [1, null, 'é'] } },
    ])
    await box.cast(['nobody'], 'remember', { for: 'nobody' })
    await box.cast(['py'], 'remember', { cast: 1 })
    await box.abcast('remember', { abcast: 2 })
    await box.broadcast('remember', { glob: 3 }, { pattern: 'p?' })
    await box.broadcast('remember', { pcre: 4 }, { pattern: 'p.$', matcher: 'pcre' })
    await box.broadcast('remember', { other: 5 }, { pattern: 'x*' })
    expect(await box.call('py', 'recall')).toEqual([
      { py: { cast: 1, abcast: 2, glob: 3, pcre: 4 } },
    ])

    const { commands } = await peer.request('node_log', { node, count: 11 })
    const { body, headers, properties } = commands[0] ?? {}
    expect(body).toEqual({
      method: 'ping',
      arguments: {},
      destination: ['py'],
      pattern: null,
      matcher: null,
      ticket: expect.any(String),
      reply_to: { exchange: `reply.${namespace}.pidbox`, routing_key: box.oid },
    })
    expect(headers).toEqual({ clock: 1, expires: expect.any(Number) })
    expect(properties).toMatchObject({ delivery_mode: 2, priority: 0 })
    await peer.request('stop_node', { node })
  })

  test('Python calls, we answer', async ({ skip }) => {
    await using ends = await connect(release, skip)
    const { peer, connection, ours } = ends
    const namespace = `ns-${randomUUID()}`
    const box = new Mailbox(namespace, { type, connection: ours })
    const node = box.node('ts', { state: { note: '' } })
    node.handler('ping', () => 'pong')
    node.handler('echo', (_state, kwargs) => kwargs)
    node.handler('nothing', () => undefined)
    node.handler('note', (state, { text }) => {
      state.note += String(text)
    })
    node.handler('read', (state) => state.note)
    node.handler('fail', () => {
      throw new RangeError('too far')
    })
    await node.listen()
    const { mailbox } = await peer.request('mailbox', { connection, namespace, type })
    const call = async (command: string, args: Record<string, unknown> = {}) => {
      const request = { mailbox, command, arguments: args, destination: ['ts'], timeout: 5 }
      return (await peer.request('call', request)).replies
    }

    expect(await call('ping')).toEqual([{ ts: 'pong' }])
    expect(await call('nothing')).toEqual([{ ts: null }])
    expect(await call('echo', { a: [1, null, 'é'] })).toEqual([{ ts: { a: [1, null, 'é'] } }])
    expect(await call('fail')).toEqual([{ ts: { error: "RangeError('too far')" } }])
    const multi = await peer.request('multi_call', { mailbox, command: 'ping', timeout: 5, limit: 1 }) // biome-ignore format: one line
    expect(multi.replies).toEqual([{ ts: 'pong' }])

    const note = (text: string) => ({ mailbox, command: 'note', arguments: { text } })
    await peer.request('cast', { ...note('a'), destination: ['ts'] })
    await peer.request('cast', { ...note('b'), destination: ['nobody'] })
    await peer.request('abcast', note('c'))
    await peer.request('broadcast', { ...note('d'), pattern: 't?', matcher: 'glob' })
    await peer.request('broadcast', { ...note('e'), pattern: 'x?', matcher: 'glob' })
    expect(await call('read')).toEqual([{ ts: 'acd' }])

    // Each side has moved past what the other sent.
    const { value } = await peer.request('clock', { mailbox })
    expect(value).toBe(box.clock.value + 1)
  })
})

describe.each(kombuReleases)('the programs that people have, with %s', (release) => {
  function python(skip: Skip) {
    const { path, reason } = findPython(release)
    return { url: redis?.url ?? skip(missing), python: path ?? skip(reason) }
  }

  test('the client is heard here', async ({ skip }) => {
    const { url, python: interpreter } = python(skip)
    await using connection = new Connection(url)
    const heard = Promise.withResolvers<unknown>()
    const node = new Mailbox('testMailbox', { connection }).node('localhost', { state: { a: 'b' } })
    node.handler('print_msg', (state, kwargs) => heard.resolve([state, kwargs]))
    await node.listen()
    const client = await startProgram({ python: interpreter, program: 'seed2_client.py', args: [url] }) // biome-ignore format: one line
    expect(await client.ended).toBe(0)
    expect(await heard.promise).toEqual([{ a: 'b' }, { msg: 'Message for you' }])
  })

  test('the node hears us', async ({ skip }) => {
    const { url, python: interpreter } = python(skip)
    await using node = await startProgram({ python: interpreter, program: 'seed2_node.py', args: [url] }) // biome-ignore format: one line
    await node.waitFor(/Consumer Waiting/)
    await using connection = new Connection(url)
    await new Mailbox('testMailbox').bind(connection).broadcast('print_msg', { msg: 'from afar' })
    expect(await node.waitFor(/from afar/)).toBe(
      "{'method': 'print_msg', 'arguments': {'msg': 'from afar'}, 'destination': None, 'pattern': None, 'matcher': None}",
    )
  })
})
