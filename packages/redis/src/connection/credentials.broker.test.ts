import type { MessagingError, StoreSession } from '@dashi/messaging/transport'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startRedis } from '../../../../tools/brokers/redis.ts'
import { waitUntil } from '../../../../tools/services/wait.ts'
import type { RedisOptions } from '../options.ts'
import { PubSub } from '../pub-sub/pub-sub.ts'
import { redisStore } from '../redis-store.ts'
import { serverSettings } from '../settings.ts'
import { openClient } from './client.ts'
import type { RedisCredentials } from './credentials.ts'

const server = await startRedis()
const place = { host: '127.0.0.1', port: server.port }
const target = { ...serverSettings(place, 'test'), tls: undefined, tracking: false }
const operator = await openClient(target, AbortSignal.timeout(5_000))
const opened: StoreSession[] = []
const notices: MessagingError[] = []

const first: RedisCredentials = { username: 'first', password: 'one' }
const second: RedisCredentials = { username: 'second', password: 'two' }
let current: RedisCredentials | (() => RedisCredentials)
let questions: number

beforeEach(async () => {
  current = first
  questions = 0
  notices.length = 0
  for (const { username = '', password } of [first, second]) {
    const rules = ['reset', 'on', `>${password}`, '~*', '&*', '+@all']
    await operator.send(['ACL', 'SETUSER', username, ...rules])
  }
})

afterEach(async () => {
  await Promise.all(opened.splice(0).map((session) => session.close()))
})

afterAll(async () => {
  operator.destroy()
  await server[Symbol.asyncDispose]()
})

const provide = () => {
  questions += 1
  return typeof current === 'function' ? current() : current
}

async function open(options: RedisOptions = {}): Promise<StoreSession> {
  const store = redisStore({
    ...place,
    clientName: 'rotating',
    credentialProvider: provide,
    reauthCheckIntervalMs: 50,
    leaseMs: 1_000,
    ...options,
  })
  const report = (notice: MessagingError) => notices.push(notice)
  const session = await store.open({ publishTimeoutMs: 5_000, report })
  opened.push(session)
  return session
}

/** Users of our connections, as the server sees them. */
async function users(): Promise<readonly string[]> {
  const list = await operator.send<string>(['CLIENT', 'LIST'])
  const ours = list.split('\n').filter((line) => line.includes(' name=rotating '))
  return ours.map((line) => / user=(\S+)/.exec(line)?.[1] ?? '').sort()
}

const areUsers = (count: number, user: string) => async () =>
  (await users()).join() === Array<string>(count).fill(user).join()

describe('credentials that change', () => {
  test('reach commands, broadcasts and the thread while they are connected', async () => {
    const session = await open()
    await session.broadcaster?.subscribe('fx', '', () => undefined)
    await session.put([{ queue: 'q', payload: '{}', priority: 0 }])
    const [lease] = await session.take({ queues: ['q'], limit: 1, noAck: false })
    expect(await waitUntil(areUsers(3, 'first'))).toBe(true)

    current = second
    expect(await waitUntil(areUsers(3, 'second'))).toBe(true)
    // Redis ends all connections of a user that is deleted.
    await operator.send(['ACL', 'DELUSER', 'first'])
    const twoTerms = AbortSignal.timeout(2_500)
    await session.wait(['other'], twoTerms)
    expect(await users()).toEqual(['second', 'second', 'second'])
    const settled = session.settle([{ token: lease?.token ?? '', queue: 'q', outcome: 'done' }])
    expect(await settled).toEqual([true])
    expect(await session.broadcaster?.publish('fx', '', '{}')).toBe(1)
    expect(notices).toEqual([])
  })

  test('are asked for at every connect', async () => {
    const lost = await open({ reauthCheckIntervalMs: 60_000 })
    expect(questions).toBe(1)
    current = second
    await operator.send(['ACL', 'DELUSER', 'first'])
    expect(await lost.closed).toMatchObject({ code: 'CONNECTION_LOST' })
    await open({ reauthCheckIntervalMs: 60_000 })
    expect(questions).toBe(2)
    expect(await users()).toEqual(['second'])
  })

  test('that the server refuses are told, and the connection goes on', async () => {
    const session = await open()
    current = { username: 'second', password: 'wrong' }
    expect(await waitUntil(() => notices.length > 0)).toBe(true)
    expect(notices[0]).toMatchObject({
      code: 'ACCESS_REFUSED',
      message: expect.stringMatching(/WRONGPASS.*goes on with the former/),
    })
    expect(await session.inspectQueue('q')).toBe(undefined)
    current = second
    expect(await waitUntil(areUsers(1, 'second'))).toBe(true)
    expect(notices).toHaveLength(1)
  })

  test('that cannot be had are told, and the connection goes on', async () => {
    const session = await open()
    current = () => {
      throw new Error('vault is sealed')
    }
    expect(await waitUntil(() => notices.length > 0)).toBe(true)
    expect(notices[0]).toMatchObject({
      code: 'CONNECTION_REFUSED',
      message: expect.stringContaining('vault is sealed'),
    })
    expect(await session.declareQueue('q', {})).toBe(0)
  })

  test('reach a PubSub', async () => {
    const options = {
      clientName: 'rotating',
      credentialProvider: provide,
      reauthCheckIntervalMs: 20,
    }
    await using pubSub = new PubSub({ ...place, ...options })
    await pubSub.subscribe('news', () => undefined)
    expect(await users()).toEqual(['first'])
    current = second
    expect(await waitUntil(areUsers(1, 'second'))).toBe(true)
  })
})

describe('a provider', () => {
  test('is not asked while nothing is connected', async () => {
    const session = await open({ reauthCheckIntervalMs: 10 })
    await session.close()
    const before = questions
    const watched = await open({ credentialProvider: () => first })
    await watched.wait(['q'], AbortSignal.timeout(100))
    expect(questions).toBe(before)
  })

  test.each<[string, () => RedisCredentials, object]>([
    [
      'that fails',
      () => {
        throw new Error('vault is sealed')
      },
      { code: 'CONNECTION_REFUSED', message: expect.stringContaining('vault is sealed') },
    ],
    [
      'with a wrong password',
      () => ({ username: 'first', password: 'hunter2' }),
      { code: 'ACCESS_REFUSED', message: expect.not.stringContaining('hunter2') },
    ],
    [
      'of something else',
      // What a caller without types may do.
      () => ['first', 'hunter2'] as unknown as RedisCredentials,
      {
        code: 'BAD_OPTION',
        message: expect.stringMatching(/has to give \{ username\?, password \}/),
      },
    ],
  ])('%s fails the connect', async (_, credentials, error) => {
    current = credentials
    await expect(open()).rejects.toMatchObject(error)
  })

  test('that never answers is not waited for beyond the deadline', async () => {
    const never = () => Promise.withResolvers<RedisCredentials>().promise
    const opening = open({ credentialProvider: never, socketConnectTimeoutMs: 100 })
    await expect(opening).rejects.toMatchObject({ code: 'TIMED_OUT' })
  })
})
