import type { MessagingError, StoreSession } from '@dashi/messaging/transport'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type RedisServer, startRedis } from '../../../tools/brokers/redis.ts'
import { askRedis } from '../../../tools/services/redis-request.ts'
import { waitUntil } from '../../../tools/services/wait.ts'
import type { RedisOptions } from './options.ts'
import { redisStore } from './redis-store.ts'

const message = { queue: 'q', payload: '{"body":"1"}', priority: 0 }
const notices: string[] = []
let servers: AsyncDisposableStack
let master: RedisServer
let replica: RedisServer
let sessions: StoreSession[]

beforeEach(async () => {
  servers = new AsyncDisposableStack()
  sessions = []
  notices.length = 0
  master = servers.use(await startRedis({ args: ['--repl-diskless-sync-delay', '0'] }))
  const replicaof = ['--replicaof', '127.0.0.1', String(master.port)]
  replica = servers.use(await startRedis({ args: replicaof }))
  const isLinked = async () =>
    (await askRedis(master.port, 'INFO replication')).includes('state=online')
  expect(await waitUntil(isLinked)).toBe(true)
})

afterEach(async () => {
  for (const session of sessions) session.destroy()
  await servers.disposeAsync()
})

async function open(options: RedisOptions = {}): Promise<StoreSession> {
  const store = redisStore({ host: '127.0.0.1', port: master.port, confirmReplicas: 1, ...options })
  const report = ({ message: notice }: MessagingError) => notices.push(notice)
  const session = await store.open({ publishTimeoutMs: 10_000, report })
  sessions.push(session)
  return session
}

async function lengthAt({ port }: RedisServer, list = 'q'): Promise<number> {
  const [, length] = /^:(\d+)/.exec(await askRedis(port, `LLEN ${list}`)) ?? []
  return Number(length)
}

/** The three commands that publishes are made of. */
const ways: Readonly<Record<string, (session: StoreSession) => Promise<unknown> | undefined>> = {
  'one message': (session) => session.put([message]),
  'messages for several lists': (session) =>
    session.put([message, { ...message, priority: 9 }, { ...message, queue: 'other' }]),
  'a message through an exchange': async (session) => {
    await session.bindings?.bind({
      ...{ exchange: 'e', exchangeType: 'direct', routingKey: 'k', queue: 'q' },
      arguments: {},
    })
    const routed = { exchange: 'e', exchangeType: 'direct', routingKey: 'k' } as const
    return await session.route?.([{ ...routed, payload: message.payload, priority: 0 }])
  },
}

describe.each(Object.entries(ways))('%s', (_, publish) => {
  test('is not confirmed before the replica has it', async () => {
    const session = await open({ confirmTimeoutMs: 5_000 })
    replica.process.signal('SIGSTOP')
    let isConfirmed = false
    const published = publish(session)?.then(() => {
      isConfirmed = true
    })
    const isWithMaster = async () => (await lengthAt(master)) === 1
    expect(await waitUntil(isWithMaster)).toBe(true)
    expect(isConfirmed).toBe(false)
    replica.process.signal('SIGCONT')
    await published
    expect(await lengthAt(replica)).toBe(1)
    expect(notices).toEqual([])
  })

  test('is of unknown outcome when the replica says nothing, and is with the master', async () => {
    const session = await open({ confirmTimeoutMs: 1_000 })
    replica.process.signal('SIGSTOP')
    await expect(publish(session)).rejects.toMatchObject({
      name: 'OutcomeUnknownError',
      code: 'OUTCOME_UNKNOWN',
      message: expect.stringMatching(
        /Cannot tell .*"(append|publish) to .*0 of 1 replicas confirmed it within 1000 ms.*"INFO replication".*same message id/s,
      ),
    })
    expect(await lengthAt(master)).toBe(1)
    replica.process.signal('SIGCONT')
    const isCaughtUp = async () => (await lengthAt(replica)) === 1
    expect(await waitUntil(isCaughtUp)).toBe(true)
    await publish(session)
    expect(await lengthAt(replica)).toBe(2)
  })
})

test('a script that the server has forgotten is confirmed like one that it knows', async () => {
  const session = await open({ confirmTimeoutMs: 1_000 })
  await ways['a message through an exchange']?.(session)
  await askRedis(master.port, 'SCRIPT FLUSH')
  replica.process.signal('SIGSTOP')
  await expect(ways['a message through an exchange']?.(session)).rejects.toThrow('0 of 1 replicas')
  replica.process.signal('SIGCONT')
})

test('without a replica it is said at connect, and no publish is confirmed', async () => {
  await replica.process.kill()
  const session = await open({ confirmTimeoutMs: 100 })
  expect(notices).toEqual([expect.stringMatching(/"confirmReplicas" is 1, and 0 replicas/)])
  await expect(session.put([message])).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' })
})

test('without the option nobody waits for a replica, and the risk is told', async () => {
  const session = await open({ confirmReplicas: 0 })
  replica.process.signal('SIGSTOP')
  await session.put([message])
  expect(notices).toEqual([expect.stringContaining('"confirmReplicas"')])
  replica.process.signal('SIGCONT')
})

test('a server that becomes a replica in between leaves the outcome unknown, and ends the session', async () => {
  const session = await open({ confirmTimeoutMs: 5_000 })
  replica.process.signal('SIGSTOP')
  const published = session.put([message])
  published.catch(() => undefined)
  const isThere = async () => (await lengthAt(master)) === 1
  expect(await waitUntil(isThere)).toBe(true)
  await askRedis(master.port, `REPLICAOF 127.0.0.1 ${replica.port}`)
  await expect(published).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' })
  expect(await session.closed).toMatchObject({ code: 'CONNECTION_LOST' })
  replica.process.signal('SIGCONT')
})

test('a user who may not ask for replicas is told so at connect', async () => {
  await askRedis(master.port, 'ACL SETUSER limited on >secret ~* &* +@all -wait')
  await expect(open({ username: 'limited', password: 'secret' })).rejects.toMatchObject({
    code: 'ACCESS_REFUSED',
    message: expect.stringContaining("'wait'"),
  })
})

test('replicas may not take longer than the server', () => {
  expect(() => redisStore({ confirmReplicas: 1, confirmTimeoutMs: 10_000 })).toThrow(
    /"confirmTimeoutMs" .* is 10000, .*"socketTimeoutMs"/,
  )
})
