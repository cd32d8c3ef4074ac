import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { MessagingError, QueueStore, StoreSession } from '@dashi/messaging/transport'
import { afterEach, describe, expect, test } from 'vitest'
import { startRedis } from '../../../tools/brokers/redis.ts'
import {
  type RedisSentinelGroup,
  startRedisSentinel,
} from '../../../tools/brokers/redis-sentinel.ts'
import { anyPorts } from '../../../tools/services/port.ts'
import { temporaryFolder } from '../../../tools/services/server-process.ts'
import { waitUntil } from '../../../tools/services/wait.ts'
import { openClient } from './connection/client.ts'
import type { RedisOptions, SentinelAddress } from './options.ts'
import { redisStore } from './redis-store.ts'
import { serverSettings } from './settings.ts'

const connectOptions = { publishTimeoutMs: 10_000 }
const message = { queue: 'q', payload: '{"body":"1"}', priority: 0 }
const opened: StoreSession[] = []
const folders: string[] = []

afterEach(async () => {
  await Promise.all(opened.splice(0).map((session) => session.close()))
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

function newFolder(name: string): string {
  const folder = temporaryFolder(name)
  folders.push(folder)
  return folder
}

async function openStore(store: QueueStore): Promise<StoreSession> {
  const session = await store.open(connectOptions)
  opened.push(session)
  return session
}

const open = (options: RedisOptions) => openStore(redisStore(options))

/** A message there and back, with a wait in between: everything that a session does. */
async function exchange(session: StoreSession, queue = 'q'): Promise<void> {
  const request = { queues: [queue], limit: 10, noAck: false }
  expect(await session.take(request)).toEqual([])
  const woken = session.wait([queue], AbortSignal.timeout(5_000))
  await session.put([{ ...message, queue }])
  await woken
  const leases = await session.take(request)
  expect(leases).toHaveLength(1)
  const done = leases.map((lease) => ({ ...lease, outcome: 'done' as const }))
  expect(await session.settle(done)).toEqual([true])
}

async function command(port: number, ...words: string[]): Promise<unknown> {
  const target = {
    ...serverSettings({ host: '127.0.0.1', port }, 'test'),
    tls: undefined,
    tracking: false,
  }
  const client = await openClient(target, AbortSignal.timeout(5_000))
  try {
    return await client.send(words)
  } finally {
    client.destroy()
  }
}

function openssl(folder: string, ...args: string[]): void {
  execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
}

/** An authority, and a server's certificate for 127.0.0.1. */
function certificates(folder: string): void {
  const subject = ['-nodes', '-days', '2', '-newkey', 'rsa:2048']
  openssl(
    folder,
    'req',
    '-x509',
    ...subject,
    '-keyout',
    'ca.key',
    '-out',
    'ca.crt',
    '-subj',
    '/CN=ca',
  )
  openssl(
    folder,
    'req',
    ...subject.filter((word) => word !== '-days' && word !== '2'),
    '-keyout',
    'srv.key',
    '-out',
    'srv.csr',
    '-subj',
    '/CN=localhost',
    '-addext',
    'subjectAltName=IP:127.0.0.1',
  )
  openssl(
    folder,
    'x509',
    '-req',
    '-in',
    'srv.csr',
    '-CA',
    'ca.crt',
    '-CAkey',
    'ca.key',
    '-days',
    '2',
    '-out',
    'srv.crt',
    '-copy_extensions',
    'copy',
  )
}

describe('ways to a server', () => {
  test('TLS, with the authority checked, also for the thread that renews leases', async () => {
    const folder = newFolder('redis-tls')
    certificates(folder)
    const [tlsPort = 0] = await anyPorts(1)
    const files = [
      '--tls-cert-file',
      'srv.crt',
      '--tls-key-file',
      'srv.key',
      '--tls-ca-cert-file',
      'ca.crt',
    ]
    const args = ['--tls-port', String(tlsPort), '--tls-auth-clients', 'no', ...files]
    await using _ = await startRedis({ folder, args })
    const place = { host: '127.0.0.1', port: tlsPort }

    const session = await open({
      ...place,
      leaseMs: 1_000,
      ssl: { caCerts: join(folder, 'ca.crt') },
    })
    await session.put([message])
    const [lease] = await session.take({ queues: ['q'], limit: 1, noAck: false })
    const untilRenewed = AbortSignal.timeout(2_000)
    await session.wait(['other'], untilRenewed)
    expect(
      await session.settle([{ token: lease?.token ?? '', queue: 'q', outcome: 'done' }]),
    ).toEqual([true])

    await expect(open({ ...place, ssl: true })).rejects.toMatchObject({
      code: 'CONNECTION_REFUSED',
    })
    await exchange(await open({ ...place, ssl: { certReqs: 'none' } }))
    await expect(
      open({ ...place, ssl: { caCerts: join(folder, 'none.crt') } }),
    ).rejects.toMatchObject({
      code: 'BAD_OPTION',
      message: expect.stringContaining('caCerts'),
    })
  })

  test('a unix socket', async () => {
    const folder = newFolder('redis-socket')
    const path = join(folder, 'r.sock')
    await using _ = await startRedis({ folder, args: ['--unixsocket', path] })
    await exchange(await open({ path, database: 3 }))
  })

  // A pattern has to be allowed letter for letter: Redis does not compare patterns with patterns.
  test('a user with the commands and keys that it needs, and no more', async () => {
    await using server = await startRedis()
    const commands =
      '+ping +hello +auth +select +info +client|setname +client|tracking +client|caching ' +
      '+evalsha +eval +time +lpush +rpush +lpop +rpop +llen +exists +del +hset +hget +hdel +hmget ' +
      '+zadd +zrem +zscore +zmscore +zscan +zcount +zrangebyscore +zrevrangebyscore ' +
      '+sadd +srem +smembers +set +get +publish +psubscribe +punsubscribe'
    const rules = [
      'on',
      '>pw',
      'resetkeys',
      '~app:*',
      'resetchannels',
      '&app:/0.fx',
      '&app:/0.fx/*',
      'nocommands',
      ...commands.split(' '),
    ]
    await command(server.port, 'ACL', 'SETUSER', 'app', ...rules)
    const notices: MessagingError[] = []
    const login = { host: '127.0.0.1', port: server.port, username: 'app', password: 'pw' }
    const store = redisStore({
      ...login,
      globalKeyprefix: 'app:',
      leaseMs: 1_000,
      visibilityTimeoutMs: 1_000,
    })
    const session = await store.open({
      ...connectOptions,
      report: (notice) => notices.push(notice),
    })
    opened.push(session)
    await exchange(session)
    const { bindings, broadcaster } = session
    await bindings?.bind({
      exchange: 'ex',
      exchangeType: 'topic',
      queue: 'q',
      routingKey: '#',
      arguments: {},
    })
    const routable = {
      exchange: 'ex',
      exchangeType: 'topic' as const,
      routingKey: 'k',
      payload: '{}',
      priority: 3,
    }
    expect(await session.route?.([routable])).toEqual([1])
    const subscription = await broadcaster?.subscribe('fx', '', () => undefined)
    expect(await broadcaster?.publish('fx', '', '{}')).toBe(1)
    await subscription?.cancel()
    expect(await session.deleteQueue('q')).toBe(1)
    await bindings?.removeQueue('q', ['ex'])
    // Held for longer than both timeouts, so that everything that runs by itself has run.
    await session.put([message])
    const [lease] = await session.take({ queues: ['q'], limit: 1, noAck: false })
    await session.wait(['other'], AbortSignal.timeout(2_500))
    expect(
      await session.settle([{ token: lease?.token ?? '', queue: 'q', outcome: 'done' }]),
    ).toEqual([true])
    expect(notices).toEqual([])

    const elsewhere = await open(login)
    await expect(elsewhere.put([message])).rejects.toMatchObject({ code: 'ACCESS_REFUSED' })
  })

  test('settings that put messages at risk are told once', async () => {
    await using server = await startRedis({
      args: ['--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru'],
    })
    const store = redisStore({ host: '127.0.0.1', port: server.port })
    const told: string[] = []
    const report = (notice: MessagingError) => told.push(notice.message)
    for (const _ of [1, 2]) opened.push(await store.open({ ...connectOptions, report }))
    expect(told).toEqual([expect.stringContaining('"maxmemory-policy" is "allkeys-lru"')])
  })
})

function addressesOf({ url }: RedisSentinelGroup): readonly SentinelAddress[] {
  return url.split(';').map((one) => ({ host: '127.0.0.1', port: Number(new URL(one).port) }))
}

describe('Sentinel', () => {
  test('leads to the master, and to the next one after a failover', async () => {
    await using group = await startRedisSentinel()
    const sentinels = addressesOf(group)
    const store = redisStore({ sentinels, masterName: group.masterName, minOtherSentinels: 2 })
    const session = await openStore(store)
    await exchange(session)
    await session.put([message])
    const replica = group.servers[1]
    const isCopied = async () => (await command(replica?.port ?? 0, 'LLEN', 'q')) === 1
    expect(await waitUntil(isCopied)).toBe(true)

    await group.servers[0]?.process.kill()
    expect(await session.closed).toMatchObject({ code: 'CONNECTION_LOST' })
    let next: StoreSession | undefined
    await waitUntil(async () => {
      next = await store.open(connectOptions).catch(() => undefined)
      return next !== undefined
    })
    if (next === undefined) throw new Error('no session after the failover')
    opened.push(next)
    expect(await next.take({ queues: ['q'], limit: 1, noAck: false })).toHaveLength(1)
  }, 60_000)

  test('does not wait for a sentinel that hangs', async () => {
    await using group = await startRedisSentinel()
    const [first] = group.sentinels
    first?.signal('SIGSTOP')
    const { masterName } = group
    await exchange(await open({ sentinels: addressesOf(group), masterName }))
    first?.signal('SIGCONT')
  }, 60_000)

  test('leaves a master that hangs as soon as there is another one', async () => {
    await using group = await startRedisSentinel()
    const { masterName, servers } = group
    const store = redisStore({ sentinels: addressesOf(group), masterName, socketTimeoutMs: 60_000 })
    const session = await openStore(store)
    await exchange(session)

    servers[0]?.process.signal('SIGSTOP')
    expect(await session.closed).toMatchObject({
      code: 'CONNECTION_LOST',
      message: expect.stringContaining(`made 127.0.0.1:${servers[1]?.port} the master`),
    })
    const next = await openStore(store)
    servers[0]?.process.signal('SIGCONT')
    await expect(exchange(next)).resolves.toBeUndefined()
  }, 60_000)

  test('stops connecting to a master that hangs as soon as there is another one', async () => {
    await using group = await startRedisSentinel()
    const { masterName, servers } = group
    const place = { sentinels: addressesOf(group), masterName }
    const store = redisStore({ ...place, socketConnectTimeoutMs: 50_000 })

    servers[0]?.process.signal('SIGSTOP')
    await expect(store.open(connectOptions)).rejects.toMatchObject({
      code: 'CONNECTION_REFUSED',
      message: expect.stringContaining(`made 127.0.0.1:${servers[1]?.port} the master`),
    })
    await exchange(await openStore(store))
    servers[0]?.process.signal('SIGCONT')
  }, 60_000)

  test('says what each sentinel said', async () => {
    await using group = await startRedisSentinel()
    const [first = ''] = group.url.split(';')
    const sentinels = [
      { host: '127.0.0.1', port: 1 },
      { host: '127.0.0.1', port: Number(new URL(first).port) },
    ]
    const unknown = open({ sentinels, masterName: 'other' })
    await expect(unknown).rejects.toMatchObject({
      code: 'CONNECTION_REFUSED',
      message: expect.stringMatching(
        /"other".*127\.0\.0\.1:1: .*ECONNREFUSED.*does not know this master/s,
      ),
    })
    const lonely = open({ sentinels, masterName: group.masterName, minOtherSentinels: 9 })
    await expect(lonely).rejects.toThrow(/sees 2 other sentinels/)
  }, 60_000)
})
