/**
 * Real Kombu on the same file. Needs an interpreter with Kombu and SQLAlchemy for each release, named by
 * an environment variable; `npm test` sets them.
 */
import { DatabaseSync } from 'node:sqlite'
import type { Lease } from '@dashi/messaging/transport'
import { describe, expect, type TestContext, test } from 'vitest'
import { KombuPeer } from './testing/kombu-peer.ts'
import { openSession, type TestSession } from './testing/open-session.ts'
import { temporaryDatabase } from './testing/temporary-database.ts'

const releases = [
  ['5.6', 'DASHI_TEST_PYTHON_56'],
  ['5.2', 'DASHI_TEST_PYTHON_52'],
] as const

const all = { queues: ['q'], limit: 1_000, noAck: false } as const

/** An envelope as the virtual layer writes it. */
function envelope(body: unknown, redelivered = false): string {
  return JSON.stringify({
    body: Buffer.from(JSON.stringify(body)).toString('base64'),
    'content-encoding': 'utf-8',
    'content-type': 'application/json',
    headers: {},
    properties: {
      delivery_info: { exchange: '', routing_key: 'q' },
      body_encoding: 'base64',
      delivery_tag: crypto.randomUUID(),
      delivery_mode: 2,
      priority: 0,
    },
    ...(redelivered && { redelivered }),
  })
}

function bodyOf(lease: Lease): unknown {
  const { body } = JSON.parse(String(lease.payload))
  return JSON.parse(Buffer.from(body, 'base64').toString())
}

async function done(session: TestSession, leases: readonly Lease[]): Promise<void> {
  const held = await session.settle(
    leases.map(({ token, queue }) => ({ outcome: 'done', token, queue })),
  )
  expect(held).not.toContain(false)
}

function peer(context: TestContext, variable: string, path: string): KombuPeer {
  const python = process.env[variable]
  if (python === undefined) context.skip(`${variable} does not name a Python with Kombu`)
  return new KombuPeer(python, path)
}

describe.each(releases)('Kombu %s', (_, variable) => {
  test('publishes, we take', async (context) => {
    await using file = await temporaryDatabase()
    await using kombu = peer(context, variable, file.path)
    await kombu.ask({ verb: 'put', queue: 'q', bodies: [{ n: 1 }, { n: 'ü' }] })
    await using session = await openSession({ path: file.path, pollIntervalMs: 60_000 })
    const leases = await session.take(all)
    expect(leases.map(bodyOf)).toEqual([{ n: 1 }, { n: 'ü' }])
    expect(await kombu.ask({ verb: 'size', queue: 'q' })).toBe(variable.endsWith('52') ? 2 : 0)
    await done(session, leases)
    expect(await kombu.ask({ verb: 'size', queue: 'q' })).toBe(0)

    const waiting = session.wait(['q'], AbortSignal.timeout(9_000))
    await kombu.ask({ verb: 'put', queue: 'q', bodies: [3] })
    await waiting
    expect((await session.take(all)).map(bodyOf)).toEqual([3])
  })

  test('gets what we put, once', async (context) => {
    await using file = await temporaryDatabase()
    await using kombu = peer(context, variable, file.path)
    await using session = await openSession({ path: file.path })
    await session.put([
      { queue: 'q', payload: envelope({ n: 1 }), priority: 0 },
      { queue: 'q', payload: envelope({ n: 2 }), priority: 9 },
    ])
    expect(await kombu.ask({ verb: 'get', queue: 'q' })).toMatchObject({
      payload: { n: 1 },
      delivery_info: { exchange: '', routing_key: 'q' },
    })
    expect(await kombu.ask({ verb: 'get', queue: 'q' })).toMatchObject({ payload: { n: 2 } })
    await session.put([{ queue: 'q', payload: envelope({ n: 3 }), priority: 0 }])
    expect((await session.take(all)).map(bodyOf)).toEqual([{ n: 3 }])
  })

  test('requeues, we take it marked; we release, it gets it marked', async (context) => {
    await using file = await temporaryDatabase()
    await using kombu = peer(context, variable, file.path)
    await using session = await openSession({ path: file.path })
    await session.put([{ queue: 'q', payload: envelope(1), priority: 0 }])
    await kombu.ask({ verb: 'requeue', queue: 'q' })
    const [lease] = await session.take(all)
    if (!lease) throw new Error('the requeued message did not come')
    expect(bodyOf(lease)).toBe(1)
    expect(JSON.parse(String(lease.payload)).redelivered).toBe(true)

    const payload = envelope(1, true)
    await session.settle([
      { outcome: 'release', token: lease.token, queue: 'q', payload, priority: 0 },
    ])
    expect(await kombu.ask({ verb: 'get', queue: 'q' })).toMatchObject({ payload: 1 })
  })

  test('consumes beside us without loss or duplicates', async (context) => {
    await using file = await temporaryDatabase()
    await using kombu = peer(context, variable, file.path)
    await using session = await openSession({ path: file.path })
    const count = 400
    await session.put(
      Array.from({ length: count }, (_, n) => ({ queue: 'q', payload: envelope(n), priority: 0 })),
    )
    const theirs = kombu.ask({ verb: 'consume', queue: 'q', count: 100 })
    const ours: unknown[] = []
    while (ours.length < count - 100) {
      const leases = await session.take({ ...all, limit: 3 })
      ours.push(...leases.map(bodyOf))
      await done(session, leases)
    }
    const taken = [...ours, ...((await theirs) as readonly unknown[])]
    expect(taken).toHaveLength(count)
    expect(new Set(taken).size).toBe(count)
  })

  test('dies with a message: `hiddenRows` brings it back, or clears it away', async (context) => {
    await using file = await temporaryDatabase()
    await using kombu = peer(context, variable, file.path)
    await kombu.ask({ verb: 'put', queue: 'q', bodies: [1] })
    await kombu.ask({ verb: 'hold', queue: 'q' })
    await kombu.kill()
    {
      await using session = await openSession({ path: file.path, leaseMs: 300 })
      const signal = AbortSignal.timeout(600)
      await session.wait(['q'], signal)
      expect(signal.aborted).toBe(true)
    }
    const restore = { action: 'restore', afterMs: 0 } as const
    {
      await using session = await openSession({
        path: file.path,
        leaseMs: 300,
        hiddenRows: restore,
      })
      await session.wait(['q'], AbortSignal.timeout(9_000))
      const [lease] = await session.take(all)
      expect(JSON.parse(String(lease?.payload)).redelivered).toBe(true)
      // What we hold ourselves is no leftover of Kombu.
      const signal = AbortSignal.timeout(600)
      await session.wait(['q'], signal)
      expect(signal.aborted).toBe(true)
      await session.settle([{ outcome: 'done', token: lease?.token ?? '', queue: 'q' }])
    }
    await using other = peer(context, variable, file.path)
    await other.ask({ verb: 'put', queue: 'q', bodies: [2] })
    await other.ask({ verb: 'get', queue: 'q' })
    const database = new DatabaseSync(file.path)
    const rows = () => database.prepare('SELECT count(*) AS n FROM kombu_message').get()?.['n']
    expect(rows()).toBe(1)
    const hiddenRows = { action: 'delete', afterMs: 0 } as const
    await using _ = await openSession({ path: file.path, leaseMs: 300, hiddenRows })
    await expect.poll(rows, { timeout: 9_000 }).toBe(0)
    database.close()
  })
})
