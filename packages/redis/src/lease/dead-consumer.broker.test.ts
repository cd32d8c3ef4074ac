import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Lease, StoreSession } from '@dashi/messaging/transport'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type RedisServer, startRedis } from '../../../../tools/brokers/redis.ts'
import { openClient, type RedisClient } from '../connection/client.ts'
import { redisStore } from '../redis-store.ts'
import { serverSettings } from '../settings.ts'

const connectOptions = { publishTimeoutMs: 10_000 }
const request = { queues: ['q'], limit: 100, noAck: false }
let server: RedisServer
let redis: RedisClient
const children: ChildProcess[] = []

beforeAll(async () => {
  server = await startRedis()
  const settings = serverSettings({ host: '127.0.0.1', port: server.port }, 'test')
  const target = { ...settings, tls: undefined, tracking: false }
  redis = await openClient(target, AbortSignal.timeout(5_000))
})

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

afterAll(async () => {
  redis.destroy()
  await server[Symbol.asyncDispose]()
})

function storeOf(prefix: string, leaseMs: number) {
  return redisStore({ host: '127.0.0.1', port: server.port, globalKeyprefix: prefix, leaseMs })
}

/** A consumer in a process of its own, which takes messages and keeps them. */
async function consumerProcess(prefix: string, leaseMs: number): Promise<ChildProcess> {
  const module = new URL('../redis-store.ts', import.meta.url).href
  const options = { host: '127.0.0.1', port: server.port, globalKeyprefix: prefix, leaseMs }
  const code = `
    import { redisStore } from ${JSON.stringify(module)}
    const session = await redisStore(${JSON.stringify(options)}).open({ publishTimeoutMs: 10_000 })
    session.closed.then((error) => console.log('closed ' + error?.code))
    const leases = await session.take(${JSON.stringify(request)})
    console.log('took ' + leases.length)
    setInterval(() => undefined, 1_000)`
  const flags = ['--conditions=@dashi/source', '--input-type=module-typescript', '-e', code]
  const child = spawn(process.execPath, flags, { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  expect(await nextLine(child)).toBe('took 3')
  await untilRenewed(prefix)
  return child
}

/** From the first renewal on the lease is as short as it was wanted. */
async function untilRenewed(prefix: string): Promise<void> {
  const expiries = async () => {
    const command = ['ZRANGE', `${prefix}_dashi.holders`, '0', '-1', 'WITHSCORES']
    return JSON.stringify(await redis.send(command))
  }
  const first = await expiries()
  await expect.poll(expiries, { timeout: 10_000 }).not.toBe(first)
}

async function nextLine(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('the child has no output')
  const [line] = await once(createInterface(child.stdout), 'line')
  return line
}

async function takeThree(session: StoreSession): Promise<Lease[]> {
  const leases: Lease[] = []
  const signal = AbortSignal.timeout(20_000)
  while (leases.length < 3 && !signal.aborted) {
    leases.push(...(await session.take(request)))
    if (leases.length < 3) await session.wait(['q'], signal)
  }
  return leases
}

async function filled(prefix: string, leaseMs: number): Promise<StoreSession> {
  const session = await storeOf(prefix, leaseMs).open(connectOptions)
  const payloads = ['{"n":1,"headers":{}}', '{"n":2,"headers":{}}', '{"n":3,"headers":{}}']
  await session.put(payloads.map((payload) => ({ queue: 'q', payload, priority: 0 })))
  return session
}

test('what a killed process held comes to others within the lease and a sweep, in order, marked', async () => {
  const leaseMs = 2_000
  const session = await filled('killed:', leaseMs)
  const child = await consumerProcess('killed:', leaseMs)
  expect(await session.take(request)).toEqual([])

  child.kill('SIGKILL')
  const killedAt = performance.now()
  const leases = await takeThree(session)
  const tookMs = performance.now() - killedAt
  expect(leases.map(({ payload }) => JSON.parse(payload.toString()))).toEqual(
    [1, 2, 3].map((n) => ({ n, headers: { redelivered: true } })),
  )
  // A sweep is due when the lease ends, and half a lease later at the latest.
  expect(tookMs).toBeLessThan(leaseMs * 1.5 + 500)
  await session.close()
}, 30_000)

test('a process that was stopped for longer than its lease learns that it has lost it', async () => {
  const leaseMs = 1_000
  const session = await filled('stopped:', leaseMs)
  const child = await consumerProcess('stopped:', leaseMs)
  child.kill('SIGSTOP')
  expect(await takeThree(session)).toHaveLength(3)
  const line = nextLine(child)
  child.kill('SIGCONT')
  expect(await line).toBe('closed LEASE_LOST')
  await session.close()
}, 30_000)

test('what a living process holds stays with it, however long', async () => {
  const leaseMs = 1_000
  const session = await filled('living:', leaseMs)
  await consumerProcess('living:', leaseMs)
  const signal = AbortSignal.timeout(4_000)
  while (!signal.aborted) {
    expect(await session.take(request)).toEqual([])
    await session.wait(['q'], signal)
  }
  await session.close()
}, 30_000)
