import type { Lease, Settlement, StoredMessage, StoreSession } from '@dashi/messaging/transport'
import { expect, test } from 'vitest'
import { openSession } from './testing/open-session.ts'
import { temporaryDatabase } from './testing/temporary-database.ts'

const leaseMs = 15_000

function message(payload: string, queue = 'q', priority = 0): StoredMessage {
  return { queue, payload, priority }
}

function take(session: StoreSession, limit = 100, queues = ['q']): Promise<readonly Lease[]> {
  return session.take({ queues, limit, noAck: false })
}

function payloads(leases: readonly Lease[]): readonly unknown[] {
  return leases.map((lease) => lease.payload)
}

function done({ token, queue }: Lease): Settlement {
  return { outcome: 'done', token, queue }
}

function first(leases: readonly Lease[]): Lease {
  const lease = leases[0]
  if (!lease) throw new Error('nothing was taken')
  return lease
}

test('messages are taken in order of arrival and gone once done', async () => {
  await using file = await temporaryDatabase()
  await using session = await openSession({ path: file.path, leaseMs })
  await session.put([message('1'), message('2')])
  await Promise.all([session.put([message('3')]), session.put([message('4'), message('5')])])

  const leases = await take(session, 3)
  expect(payloads(leases)).toEqual(['1', '2', '3'])
  expect(await session.settle(leases.map(done))).toEqual([true, true, true])
  expect(payloads(await take(session))).toEqual(['4', '5'])
  expect(await take(session)).toEqual([])
})

test('take() looks at the queues in the order given, up to the limit', async () => {
  await using file = await temporaryDatabase()
  await using session = await openSession({ path: file.path })
  await session.put([
    message('b1', 'b'),
    message('a1', 'a'),
    message('b2', 'b'),
    message('a2', 'a'),
  ])
  const leases = await take(session, 3, ['nobody', 'a', 'b'])
  expect(leases.map(({ queue, payload }) => [queue, payload])).toEqual([
    ['a', 'a1'],
    ['a', 'a2'],
    ['b', 'b1'],
  ])
})

test('take() with noAck removes', async () => {
  await using file = await temporaryDatabase()
  {
    await using session = await openSession({ path: file.path })
    await session.put([message('1')])
    const leases = await session.take({ queues: ['q'], limit: 9, noAck: true })
    expect(leases).toEqual([{ queue: 'q', payload: '1', token: '' }])
  }
  await using other = await openSession({ path: file.path })
  expect(await take(other)).toEqual([])
})

test('a lease is settled once, and by its own session only', async () => {
  await using file = await temporaryDatabase()
  await using session = await openSession({ path: file.path })
  await using other = await openSession({ path: file.path })
  await session.put([message('1')])
  const lease = first(await take(session))
  expect(await other.settle([done(lease)])).toEqual([false])
  expect(await session.settle([done(lease), done(lease)])).toEqual([true, false])
  expect(await session.settle([{ outcome: 'done', token: 'nonsense', queue: 'q' }])).toEqual([
    false,
  ])
})

test('a token of an earlier delivery settles nothing', async () => {
  await using file = await temporaryDatabase()
  await using session = await openSession({ path: file.path })
  await session.put([message('1')])
  const stale = first(await take(session))
  await session.settle([{ ...done(stale), outcome: 'release', payload: '1', priority: 0 }])
  const fresh = first(await take(session))
  expect(fresh.token).not.toBe(stale.token)
  expect(await session.settle([done(stale), done(fresh)])).toEqual([false, true])
})

test('requeue puts last, release puts first, each with the payload given', async () => {
  await using file = await temporaryDatabase()
  await using session = await openSession({ path: file.path })
  await session.put([message('1'), message('2'), message('3')])
  const [one, two] = await take(session, 2)
  if (!one || !two) throw new Error('two messages were put')
  await session.settle([
    { ...done(one), outcome: 'requeue', payload: '1 again', priority: 0 },
    { ...done(two), outcome: 'release', payload: '2 again', priority: 0 },
  ])
  expect(payloads(await take(session))).toEqual(['2 again', '3', '1 again'])
})

test('bytes go back as bytes', async () => {
  await using file = await temporaryDatabase()
  await using session = await openSession({ path: file.path })
  await session.put([message('1')])
  const bytes = new Uint8Array([0xff, 0, 1])
  const lease = first(await take(session))
  await session.settle([{ ...done(lease), outcome: 'requeue', payload: bytes, priority: 0 }])
  expect(payloads(await take(session))).toEqual([bytes])
})

test('higher priorities go first and keep their place when released', async () => {
  await using file = await temporaryDatabase()
  await using session = await openSession({ path: file.path })
  await session.put([message('low'), message('mid', 'q', 4), message('high', 'q', 9)])
  await session.put([message('mid too', 'q', 4)])
  const leases = await take(session, 2)
  expect(payloads(leases)).toEqual(['high', 'mid'])
  const release = { outcome: 'release', payload: 'high', priority: 9 } as const
  await session.settle([{ ...done(first(leases)), ...release }])
  expect(payloads(await take(session))).toEqual(['high', 'mid too', 'low'])
})

test('queues are declared, counted, purged and deleted', async () => {
  await using file = await temporaryDatabase()
  await using session = await openSession({ path: file.path })
  expect(await session.inspectQueue('q')).toBeUndefined()
  expect(await session.declareQueue('q', {})).toBe(0)
  await session.put([message('1'), message('2', 'q', 5), message('3'), message('other', 'r')])
  expect(await session.declareQueue('q', {})).toBe(3)
  const lease = first(await take(session, 1))
  expect(await session.inspectQueue('q')).toBe(2)
  expect(await session.purgeQueue('q')).toBe(2)
  expect(await session.settle([done(lease)])).toEqual([true])

  await session.put([message('4'), message('5')])
  const held = first(await take(session, 1))
  expect(await session.deleteQueue('q')).toBe(2)
  expect(await session.settle([done(held)])).toEqual([false])
  expect(await session.inspectQueue('q')).toBeUndefined()
  expect(await session.deleteQueue('q')).toBe(0)
  expect(await session.purgeQueue('q')).toBe(0)
  expect(await session.inspectQueue('r')).toBe(1)
})

test('close() gives back what is held', async () => {
  await using file = await temporaryDatabase()
  const session = await openSession({ path: file.path, leaseMs })
  const info = '"properties":{"delivery_info":{"exchange":"","n":12345678901234567890}}'
  await session.put([
    message(`{"a":"\\u00e9",${info}}`),
    message('no envelope'),
    message('{"a":1}'),
  ])
  await take(session)
  await session.close()
  expect(await session.closed).toBeUndefined()
  await expect(session.put([message('2')])).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' })

  await using other = await openSession({ path: file.path })
  expect(payloads(await take(other))).toEqual([
    '{"a":"\\u00e9","properties":{"delivery_info":{"exchange":"","n":12345678901234567890,"redelivered":true}}' +
      ',"redelivered":true,"headers":{"redelivered":true}}',
    'no envelope',
    '{"a":1}',
  ])
})

test('destroy() ends at once, leaves the outcome of puts unknown, and gives back', async () => {
  await using file = await temporaryDatabase()
  await using other = await openSession({ path: file.path })
  const session = await openSession({ path: file.path, leaseMs })
  await session.put([message('1')])
  await take(session)
  const put = session.put([message('2')])
  const counted = session.inspectQueue('q')
  session.destroy()
  await expect(put).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' })
  await expect(counted).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
  await expect(session.closed).resolves.toMatchObject({ code: 'CONNECTION_LOST' })

  await other.wait(['q'], AbortSignal.timeout(5_000))
  expect(payloads(await take(other, 1))).toEqual(['1'])
})

test('wait() resolves at once when there is a message, and when its signal aborts', async () => {
  await using file = await temporaryDatabase()
  await using session = await openSession({ path: file.path, pollIntervalMs: 60_000 })
  await session.put([message('1')])
  await session.wait(['nobody', 'q'], new AbortController().signal)
  const abort = new AbortController()
  const waiting = session.wait(['nobody'], abort.signal)
  abort.abort()
  await waiting
  await session.wait(['nobody'], AbortSignal.abort())
})

test('wait() wakes for messages put by the same session and by another one', async () => {
  await using file = await temporaryDatabase()
  await using session = await openSession({ path: file.path, pollIntervalMs: 60_000 })
  await using other = await openSession({ path: file.path })
  for (const putter of [session, other, other]) {
    const waiting = session.wait(['q'], AbortSignal.timeout(5_000))
    await putter.put([message('1')])
    await waiting
    expect(await session.take({ queues: ['q'], limit: 9, noAck: true })).toHaveLength(1)
  }
})

test('wait() wakes for a message that another session releases', async () => {
  await using file = await temporaryDatabase()
  await using session = await openSession({ path: file.path, pollIntervalMs: 60_000 })
  await using other = await openSession({ path: file.path })
  await other.put([message('1')])
  const lease = first(await take(other))
  const waiting = session.wait(['q'], AbortSignal.timeout(5_000))
  await other.settle([{ ...done(lease), outcome: 'release', payload: '1', priority: 0 }])
  await waiting
  expect(await take(session)).toHaveLength(1)
})

test('many waits at once end each by its own queue', async () => {
  await using file = await temporaryDatabase()
  await using session = await openSession({ path: file.path, pollIntervalMs: 60_000 })
  const queues = ['a', 'b', 'c', 'd']
  const woken: string[] = []
  const waits = queues.map(async (queue) => {
    await session.wait([queue], AbortSignal.timeout(5_000))
    woken.push(queue)
  })
  for (const [index, queue] of ['d', 'b', 'a', 'c'].entries()) {
    await session.put([message('1', queue)])
    await expect.poll(() => woken.length).toBe(index + 1)
    expect(woken.at(-1)).toBe(queue)
  }
  await Promise.all(waits)
})

test('open() stops when its signal aborts', async () => {
  await using file = await temporaryDatabase()
  const reason = new Error('enough')
  await expect(
    openSession({ path: file.path }, { signal: AbortSignal.abort(reason) }),
  ).rejects.toBe(reason)
  const abort = new AbortController()
  const opening = openSession({ path: file.path }, { signal: abort.signal })
  abort.abort(reason)
  await expect(opening).rejects.toBe(reason)
})
