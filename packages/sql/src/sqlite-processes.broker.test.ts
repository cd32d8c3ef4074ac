/** What holds when several processes share the file and some of them are killed. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Lease, Settlement, StoreSession } from '@dashi/messaging/transport'
import { expect, test } from 'vitest'
import { ChildSession } from './testing/child-session.ts'
import { openSession } from './testing/open-session.ts'
import { temporaryDatabase } from './testing/temporary-database.ts'

const all = { queues: ['q'], limit: 1_000, noAck: false } as const

function envelope(index: number): string {
  return JSON.stringify({ index, headers: {}, properties: { delivery_info: {} } })
}

function indexOf(lease: Lease): number {
  return JSON.parse(String(lease.payload)).index
}

function done({ token, queue }: Lease): Settlement {
  return { outcome: 'done', token, queue }
}

/** Takes until `count` messages have come. */
async function takeAll(session: StoreSession, count: number): Promise<readonly Lease[]> {
  const leases: Lease[] = []
  while (leases.length < count) {
    await session.wait(['q'], AbortSignal.timeout(20_000))
    const taken = await session.take(all)
    if (taken.length === 0) throw new Error(`only ${leases.length} of ${count} came`)
    leases.push(...taken)
  }
  return leases
}

test('1000 puts under way at once survive SIGKILL right after they were confirmed', async () => {
  await using file = await temporaryDatabase()
  {
    await using child = await ChildSession.open({ path: file.path })
    await child.call('putMany', 'q', 1_000)
    await child.kill()
  }
  await using session = await openSession({ path: file.path })
  const found = (await session.take(all)).map(indexOf).sort((a, b) => a - b)
  expect(found).toEqual(Array.from({ length: 1_000 }, (_, index) => index))
})

test('two processes consume one queue without duplicates and without loss', async () => {
  await using file = await temporaryDatabase()
  await using session = await openSession({ path: file.path })
  await using a = await ChildSession.open({ path: file.path })
  await using b = await ChildSession.open({ path: file.path })
  const count = 3_000
  const taken: number[] = []
  const consume = async (child: ChildSession) => {
    let own = 0
    while (taken.length < count) {
      const leases = await child.take({ ...all, limit: 7 })
      own += leases.length
      taken.push(...leases.map(indexOf))
      const held = await child.settle(leases.map(done))
      if (held.includes(false)) throw new Error('a lease was lost')
    }
    return own
  }
  const putAll = async () => {
    for (let index = 0; index < count; index += 1) {
      const put = session.put([{ queue: 'q', payload: envelope(index), priority: 0 }])
      if (index % 50 === 0) await put
    }
  }
  const [, byA, byB] = await Promise.all([putAll(), consume(a), consume(b)])
  expect(new Set(taken).size).toBe(count)
  expect(taken).toHaveLength(count)
  expect(Math.min(byA, byB)).toBeGreaterThan(0)
  expect(await session.inspectQueue('q')).toBe(0)
}, 30_000)

test('messages of a killed process come back in their order, marked as delivered before', async () => {
  await using file = await temporaryDatabase()
  const leaseMs = 900
  await using session = await openSession({ path: file.path, leaseMs })
  await using child = await ChildSession.open({ path: file.path, leaseMs })
  const put = (index: number, priority = 0) =>
    session.put([{ queue: 'q', payload: envelope(index), priority }])
  for (const index of [0, 1, 2]) await put(index)
  await put(3, 9)
  const [held] = await child.take(all)
  if (!held) throw new Error('nothing was taken')
  await child.settle([done(held)])
  await put(4)
  await child.kill()

  expect((await session.take(all)).map(indexOf)).toEqual([4])
  const leases = await takeAll(session, 3)
  expect(leases.map(indexOf)).toEqual([0, 1, 2])
  for (const lease of leases) {
    expect(JSON.parse(String(lease.payload))).toMatchObject({
      redelivered: true,
      headers: { redelivered: true },
      properties: { delivery_info: { redelivered: true } },
    })
  }
}, 30_000)

test('priority survives the death of a holder', async () => {
  await using file = await temporaryDatabase()
  const leaseMs = 900
  await using session = await openSession({ path: file.path, leaseMs })
  await using child = await ChildSession.open({ path: file.path, leaseMs })
  await session.put([{ queue: 'q', payload: envelope(1), priority: 5 }])
  await child.take(all)
  await child.kill()
  await session.wait(['q'], AbortSignal.timeout(20_000))
  await session.put([{ queue: 'q', payload: envelope(2), priority: 4 }])
  expect((await session.take(all)).map(indexOf)).toEqual([1, 2])
}, 30_000)

test('a process whose event loop is blocked keeps its lease', async () => {
  await using file = await temporaryDatabase()
  const leaseMs = 600
  await using session = await openSession({ path: file.path, leaseMs })
  await using child = await ChildSession.open({ path: file.path, leaseMs })
  await session.put([{ queue: 'q', payload: envelope(1), priority: 0 }])
  const leases = await child.take(all)
  await child.call('block', 3 * leaseMs)
  expect(await session.take(all)).toEqual([])
  expect(await child.settle(leases.map(done))).toEqual([true])
}, 30_000)

test('a process that was stopped for longer than its lease loses it, and is told', async () => {
  await using file = await temporaryDatabase()
  const leaseMs = 600
  await using session = await openSession({ path: file.path, leaseMs })
  await using child = await ChildSession.open({ path: file.path, leaseMs })
  await session.put([{ queue: 'q', payload: envelope(1), priority: 0 }])
  const stale = await child.take(all)
  child.signal('SIGSTOP')
  await session.wait(['q'], AbortSignal.timeout(20_000))
  const fresh = await session.take(all)
  expect(fresh.map(indexOf)).toEqual([1])
  child.signal('SIGCONT')
  expect(await child.ended).toBe('LEASE_LOST')
  await expect(child.settle(stale.map(done))).rejects.toThrow('ran out')
  expect(await session.settle(fresh.map(done))).toEqual([true])
}, 30_000)

test('wait() wakes for a message that another process puts, without polling', async () => {
  await using file = await temporaryDatabase()
  await using session = await openSession({ path: file.path, pollIntervalMs: 60_000 })
  await using child = await ChildSession.open({ path: file.path })
  for (const index of [1, 2, 3]) {
    const waiting = session.wait(['q'], AbortSignal.timeout(9_000))
    await child.put([{ queue: 'q', payload: envelope(index), priority: 0 }])
    await waiting
    expect((await session.take(all)).map(indexOf)).toEqual([index])
  }
})

test('an exclusive queue goes with its process, together with its bindings', async () => {
  await using file = await temporaryDatabase()
  const leaseMs = 600
  await using session = await openSession({ path: file.path, leaseMs })
  await using child = await ChildSession.open({ path: file.path, leaseMs })
  await child.call('declareQueue', 'own', {}, { exclusive: true })
  await session.bindings.bind({
    exchange: 'news',
    exchangeType: 'fanout',
    queue: 'own',
    routingKey: '',
    arguments: {},
  })
  await child.kill()
  await expect.poll(() => session.inspectQueue('own'), { timeout: 20_000 }).toBeUndefined()
  expect(await session.bindings.lookup('news')).toEqual([])
}, 30_000)

test('a queue with x-expires goes when nobody uses it, and stays while somebody waits', async () => {
  await using file = await temporaryDatabase()
  const leaseMs = 600
  await using session = await openSession({ path: file.path, leaseMs })
  await session.declareQueue('used', { 'x-expires': 700 })
  await session.declareQueue('unused', { 'x-expires': 700 })
  const abort = new AbortController()
  const waiting = session.wait(['used'], abort.signal)
  await expect.poll(() => session.inspectQueue('unused'), { timeout: 20_000 }).toBeUndefined()
  expect(await session.inspectQueue('used')).toBe(0)
  abort.abort()
  await waiting
  await expect.poll(() => session.inspectQueue('used'), { timeout: 20_000 }).toBeUndefined()
}, 30_000)

test('the thread starts whatever flags the program was started with, and is quiet', async () => {
  await using file = await temporaryDatabase()
  const url = new URL('./index.ts', import.meta.url).href
  const program = `
    const { FifoQueue } = await import(${JSON.stringify(url)})
    const queue = new FifoQueue(${JSON.stringify(file.path)}, 'q')
    await queue.push('item')
    console.log(await queue.pop())
    await queue.close()`
  const flags = ['--conditions=@dashi/source', '--input-type=module', '--eval', program]
  const { stdout, stderr } = await promisify(execFile)(process.execPath, flags)
  expect([stdout, stderr]).toEqual(['item\n', ''])
})
