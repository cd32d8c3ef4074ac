import type { MessagingError, StoreSession } from '@dashi/messaging/transport'
import { afterAll, afterEach, expect, test } from 'vitest'
import { startRedis } from '../../../../tools/brokers/redis.ts'
import { waitUntil } from '../../../../tools/services/wait.ts'
import { PubSub } from '../pub-sub/pub-sub.ts'
import { redisStore } from '../redis-store.ts'
import { serverSettings } from '../settings.ts'
import { openClient } from './client.ts'

const server = await startRedis()
// What an older server knows of it: nothing.
const without = ['SPUBLISH', 'SSUBSCRIBE', 'SUNSUBSCRIBE'].flatMap((name) => {
  return ['--rename-command', name, '']
})
const older = await startRedis({ args: without })
const opened: StoreSession[] = []
const notices: MessagingError[] = []

afterEach(async () => {
  await Promise.all(opened.splice(0).map((session) => session.close()))
  notices.length = 0
})

afterAll(async () => {
  await Promise.all([server.process.stop(), older.process.stop()])
})

async function open(port: number, login: object = {}): Promise<StoreSession> {
  const store = redisStore({ host: '127.0.0.1', port, fanoutSharded: true, ...login })
  const report = (notice: MessagingError) => notices.push(notice)
  const session = await store.open({ publishTimeoutMs: 5_000, report })
  opened.push(session)
  return session
}

async function command(...words: string[]): Promise<unknown> {
  const place = serverSettings({ host: '127.0.0.1', port: server.port }, 'test')
  const target = { ...place, tls: undefined, tracking: false }
  const client = await openClient(target, AbortSignal.timeout(5_000))
  try {
    return await client.send(words)
  } finally {
    client.destroy()
  }
}

async function broadcasts(session: StoreSession): Promise<void> {
  const got: string[] = []
  const subscription = await session.broadcaster?.subscribe('fx', 'a.#', ({ payload }) => {
    got.push(payload.toString())
  })
  await session.broadcaster?.publish('fx', 'b', '{"n":0}')
  expect(await session.broadcaster?.publish('fx', 'a.b', '{"n":1}')).toBe(1)
  expect(await waitUntil(() => got.length > 0)).toBe(true)
  expect(got).toEqual(['{"n":1}'])
  await subscription?.cancel()
  expect(await session.broadcaster?.publish('fx', 'a.b', '{"n":2}')).toBe(0)
}

test('broadcasts are sharded where the server can', async () => {
  const session = await open(server.port)
  await broadcasts(session)
  await session.broadcaster?.subscribe('fx', '', () => undefined)
  expect(await command('PUBSUB', 'SHARDCHANNELS')).toEqual(['/0.fx'])
  expect(await command('PUBSUB', 'NUMPAT')).toBe(0)
  expect(notices).toEqual([])
})

test('and plain where it cannot, with the reason', async () => {
  await broadcasts(await open(older.port))
  expect(notices).toHaveLength(1)
  expect(notices[0]).toMatchObject({
    code: 'UNSUPPORTED',
    message: expect.stringMatching(/"fanoutSharded" .* has no SPUBLISH, which came with 7\.0/),
  })
})

test('a user who may not ask is believed to have what the version has', async () => {
  const rules = ['on', '>pw', '~*', '&*', '+@all', '-command|info']
  await command('ACL', 'SETUSER', 'narrow', ...rules)
  await broadcasts(await open(server.port, { username: 'narrow', password: 'pw' }))
  expect(notices).toEqual([])
})

test('PubSub says what an older server lacks', async () => {
  await using pubSub = new PubSub({ host: '127.0.0.1', port: older.port })
  const subscribed = pubSub.ssubscribe('x', () => undefined)
  await expect(subscribed).rejects.toMatchObject({
    code: 'UNSUPPORTED',
    message: expect.stringMatching(/sharded channel "x".* came with 7\.0.* plain channels/),
  })
  await expect(pubSub.spublish('x', '')).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  expect(pubSub.shardedChannels).toEqual([])
})

test('sharded channels and plain ones of one name are two things', async () => {
  await using pubSub = new PubSub(server.url)
  const got: string[] = []
  await pubSub.subscribe('x', ({ type }) => got.push(type))
  await pubSub.ssubscribe('x', ({ type }) => got.push(type))
  expect(await pubSub.spublish('x', '')).toBe(1)
  expect(await pubSub.publish('x', '')).toBe(1)
  expect(await waitUntil(() => got.length === 2)).toBe(true)
  expect(got.sort()).toEqual(['message', 'smessage'])
})
