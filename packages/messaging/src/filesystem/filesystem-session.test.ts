import { randomUUID } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { mkdtemp, open, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Lease, Settlement } from '../virtual/queue-store.ts'
import { type FilesystemOptions, filesystemSettings } from './filesystem-options.ts'
import { FilesystemSession } from './filesystem-session.ts'

interface Place extends AsyncDisposable {
  readonly data: string
  readonly root: string
  open(options?: FilesystemOptions): Promise<FilesystemSession>
}

async function place(): Promise<Place> {
  const root = await mkdtemp(join(tmpdir(), 'dashi-filesystem-'))
  const data = join(root, 'data')
  const sessions: FilesystemSession[] = []
  return {
    root,
    data,
    async open(options = {}) {
      const settings = filesystemSettings({
        dataFolderIn: data,
        dataFolderOut: data,
        controlFolder: join(root, 'control'),
        processedFolder: join(root, 'processed'),
        leaseMs: 600,
        ...options,
      })
      const session = await FilesystemSession.open(settings, { publishTimeoutMs: 5_000 })
      sessions.push(session)
      return session
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(sessions.map((session) => session.close()))
      rmSync(root, { recursive: true, force: true })
    },
  }
}

const envelope = (index: number) =>
  JSON.stringify({ index, headers: {}, properties: { delivery_info: {} } })
const message = (queue: string, index: number) => ({ queue, payload: envelope(index), priority: 0 })
const indexOf = (lease: Lease): unknown => JSON.parse(String(lease.payload)).index
const takeAll = (queue: string, limit = 100) => ({ queues: [queue], limit, noAck: false })
const done = ({ token, queue }: Lease): Settlement => ({ outcome: 'done', token, queue })
const messageFiles = (folder: string) => readdirSync(folder).filter((name) => /\.msg$/.test(name))

/** A folder as a process that was killed leaves it. */
function leaveHeld(folder: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(folder, { recursive: true })
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
}

test('put: one file each, named and written as Kombu does it, nothing else left', async () => {
  await using here = await place()
  const session = await here.open()
  await session.put([message('q', 1), message('a.q', 2)])
  const files = messageFiles(here.data)
  expect(files[0]).toMatch(/^\d+_[0-9a-f-]{36}\.q\.msg$/)
  expect(files[1]).toMatch(/^\d+_[0-9a-f-]{36}\.a\.q\.msg$/)
  expect(await readFile(join(here.data, String(files[0])), 'utf8')).toBe(envelope(1))
  await session.close()
  expect(readdirSync(join(here.data, '.dashi-held'))).toEqual([])
})

test('a queue has its own files only, not those of a queue that ends in its name', async () => {
  await using here = await place()
  const session = await here.open()
  await session.put([message('b.a', 1), message('a', 2), message('a.msg', 3)])
  expect(await session.inspectQueue('a')).toBe(1)
  expect((await session.take(takeAll('a'))).map(indexOf)).toEqual([2])
  expect(await session.purgeQueue('a')).toBe(0)
  expect(await session.deleteQueue('b.a')).toBe(1)
  expect(await session.inspectQueue('a.msg')).toBe(1)
})

test('a taken file is away from the data folder until it is settled', async () => {
  await using here = await place()
  const session = await here.open()
  await session.put([1, 2, 3].map((index) => message('q', index)))
  const [first, second, third] = await session.take(takeAll('q'))
  if (!first || !second || !third) throw new Error('three were put')
  expect(messageFiles(here.data)).toEqual([])
  const payload = envelope(20)
  const back = { queue: 'q', priority: 0 }
  const settled = await session.settle([
    { ...back, outcome: 'requeue', token: first.token, payload: envelope(10) },
    { ...back, outcome: 'release', token: second.token, payload },
    done(third),
    done(third),
  ])
  expect(settled.slice(0, 2)).toEqual([true, true])
  expect(settled.slice(2).toSorted()).toEqual([false, true])
  expect((await session.take(takeAll('q'))).map(indexOf)).toEqual([20, 10])
})

test('settling what somebody else has answers false and makes nothing', async () => {
  await using here = await place()
  const session = await here.open()
  await session.put([message('q', 1), message('q', 2)])
  const [first, second] = await session.take(takeAll('q'))
  if (!first || !second) throw new Error('two were put')
  const [holder] = readdirSync(join(here.data, '.dashi-held'))
  const held = join(here.data, '.dashi-held', String(holder))
  for (const name of messageFiles(held)) rmSync(join(held, name))
  const release = { outcome: 'release', queue: 'q', priority: 0, payload: envelope(2) } as const
  expect(await session.settle([done(first), { ...release, token: second.token }])).toEqual([
    false,
    false,
  ])
  expect(messageFiles(here.data)).toEqual([])
})

test('what a dead holder held comes back: old names, in order, marked, foreign as it was', async () => {
  await using here = await place()
  const old = `600-${randomUUID()}`
  const dead = join(here.data, '.dashi-held', old)
  leaveHeld(dead, {
    heartbeat: '',
    '5_b.q.msg': envelope(2),
    '5_a.q.msg': envelope(1),
    '5_c.q.msg.tmp': 'half an envel',
    '6_a.q.msg': 'foreign',
  })
  // What it was giving back when it died itself.
  leaveHeld(join(dead, `600-${randomUUID()}`), { '4_a.q.msg': envelope(0) })
  const session = await here.open()
  const leases: Lease[] = []
  while (leases.length < 4) {
    await session.wait(['q'], AbortSignal.timeout(5_000))
    leases.push(...(await session.take(takeAll('q'))))
  }
  expect(leases.slice(0, 3).map(indexOf).toSorted()).toEqual([0, 1, 2])
  expect(String(leases[3]?.payload)).toBe('foreign')
  expect(JSON.parse(String(leases[0]?.payload))).toMatchObject({
    redelivered: true,
    headers: { redelivered: true },
    properties: { delivery_info: { redelivered: true } },
  })
  expect(existsSync(dead)).toBe(false)
})

test('two sessions that find the same dead holder give each message back once', async () => {
  await using here = await place()
  const files = Array.from({ length: 50 }, (_, n) => [`${100 + n}_a.q.msg`, envelope(n)] as const)
  const id = `300-${randomUUID()}`
  leaveHeld(join(here.data, '.dashi-held', id), { ...Object.fromEntries(files), heartbeat: '' })
  const sessions = await Promise.all([1, 2, 3].map(() => here.open({ leaseMs: 900 })))
  const got: unknown[] = []
  while (got.length < 50) {
    for (const session of sessions) {
      const leases = await session.take(takeAll('q', 5))
      got.push(...leases.map(indexOf))
      await session.settle(leases.map(done))
    }
    await sessions[0]?.wait(['q'], AbortSignal.timeout(100))
  }
  expect(got.map(Number).toSorted((a, b) => a - b)).toEqual(files.map((_, n) => n))
  expect(messageFiles(here.data)).toEqual([])
})

test('a session whose folder was taken over ends, and says why', async () => {
  await using here = await place()
  const session = await here.open()
  const [holder] = readdirSync(join(here.data, '.dashi-held'))
  const folder = join(here.data, '.dashi-held', String(holder))
  renameSync(folder, `${folder}-moved`)
  expect(await session.closed).toMatchObject({ code: 'LEASE_LOST' })
  await expect(session.take(takeAll('q'))).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
  await expect(session.put([message('q', 1)])).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
})

test('the messages of a session that is alive stay its own, for much longer than its lease', async () => {
  await using here = await place()
  const holding = await here.open({ leaseMs: 900 })
  const other = await here.open({ leaseMs: 900 })
  await holding.put([message('q', 1)])
  const leases = await holding.take(takeAll('q'))
  const patience = AbortSignal.timeout(2_500)
  while (!patience.aborted) await other.wait(['none'], patience)
  expect(await other.take(takeAll('q'))).toEqual([])
  expect(await holding.settle(leases.map(done))).toEqual([true])
})

test('wait() is told by the system, long before it looks by itself', async () => {
  await using here = await place()
  const session = await here.open({ pollIntervalMs: 60_000 })
  expect(await session.take(takeAll('q'))).toEqual([])
  const signal = AbortSignal.timeout(5_000)
  const waiting = session.wait(['q'], signal)
  await (await here.open()).put([message('other', 1), message('q', 2)])
  await waiting
  expect(signal.aborted).toBe(false)
  expect((await session.take(takeAll('q'))).map(indexOf)).toEqual([2])
})

test('wait() looks by itself where nothing is announced', async () => {
  await using here = await place()
  const session = await here.open({ pollIntervalMs: 50 })
  const signal = AbortSignal.timeout(5_000)
  await session.wait(['q'], signal)
  expect(signal.aborted).toBe(false)
})

test('two folders: written to the one, taken from the other, requeued where it was', async () => {
  await using here = await place()
  const away = join(here.root, 'away')
  const ours = await here.open({ dataFolderOut: away })
  const theirs = await here.open({ dataFolderIn: away })
  await ours.put([message('q', 1)])
  expect(await ours.take(takeAll('q'))).toEqual([])
  const [lease] = await theirs.take(takeAll('q'))
  if (!lease) throw new Error('it did not arrive')
  const back = { outcome: 'requeue', queue: 'q', priority: 0, payload: envelope(1) } as const
  await theirs.settle([{ ...back, token: lease.token }])
  expect(messageFiles(away)).toHaveLength(1)
  await ours.close()
  expect(readdirSync(join(away, '.dashi-held'))).toHaveLength(1)
})

test('storeProcessed keeps what was acknowledged, with or without acknowledgements', async () => {
  await using here = await place()
  const session = await here.open({ storeProcessed: true })
  await session.put([message('q', 1), message('q', 2)])
  const [lease] = await session.take(takeAll('q', 1))
  if (!lease) throw new Error('it was put')
  await session.take({ ...takeAll('q'), noAck: true })
  expect(messageFiles(join(here.root, 'processed'))).toHaveLength(1)
  expect(await session.settle([done(lease)])).toEqual([true])
  expect(messageFiles(join(here.root, 'processed'))).toHaveLength(2)
})

test('an exclusive queue of a dead process goes, with its messages and bindings', async () => {
  await using here = await place()
  const session = await here.open()
  const dead = `600-${randomUUID()}`
  const owners = join(here.root, 'control', 'dashi-owners')
  leaveHeld(join(here.data, '.dashi-held', dead), {
    heartbeat: '',
    '1_a.own.msg': envelope(1),
  })
  leaveHeld(owners, { 'own.owner': dead })
  const binding = { exchange: 'e', exchangeType: 'direct', routingKey: 'k', arguments: {} }
  await session.bindings.bind({ ...binding, queue: 'own' })
  await session.bindings.bind({ ...binding, queue: 'kept' })
  while (existsSync(join(owners, 'own.owner')))
    await session.wait(['none'], AbortSignal.timeout(50))
  await expect.poll(() => session.inspectQueue('own')).toBeUndefined()
  expect((await session.bindings.lookup('e')).map(({ queue }) => queue)).toEqual(['kept'])
})

test('a folder that is gone ends the session; a new one makes it again', async () => {
  await using here = await place()
  const session = await here.open()
  renameSync(here.data, `${here.data}-away`)
  await expect(session.take(takeAll('q'))).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
  expect(await session.closed).toMatchObject({ code: 'CONNECTION_LOST' })
  expect(await (await here.open()).take(takeAll('q'))).toEqual([])
})

test('what cannot be read stays where it is and does not keep the others', async () => {
  await using here = await place()
  const session = await here.open()
  await session.put([message('q', 1), message('q', 2)])
  mkdirSync(join(here.data, '0_a.q.msg'))
  expect((await session.take(takeAll('q'))).map(indexOf)).toEqual([1, 2])
  await expect(session.take(takeAll('q'))).rejects.toMatchObject({
    code: 'REFUSED',
    message: expect.stringContaining('EISDIR'),
  })
  expect(messageFiles(here.data)).toEqual(['0_a.q.msg'])
})

test('settlements that succeeded in a batch that failed are true when it is tried again', async () => {
  await using here = await place()
  const session = await here.open()
  await session.put([message('q', 1), message('q', 2)])
  const [first, second] = await session.take(takeAll('q'))
  if (!first || !second) throw new Error('two were put')
  const requeue = { outcome: 'requeue', queue: 'q', priority: 0, payload: envelope(2) } as const
  const settlements = [done(first), { ...requeue, token: second.token }]
  const tooLong = [done(first), { ...requeue, token: second.token, queue: 'x'.repeat(300) }]
  await expect(session.settle(tooLong)).rejects.toMatchObject({ code: 'REFUSED' })
  expect(await session.settle(settlements)).toEqual([true, true])
  expect(await session.settle(settlements)).toEqual([false, false])
})

test('names that no file can have are refused by name', async () => {
  await using here = await place()
  const session = await here.open()
  const long = 'x'.repeat(300)
  await expect(session.put([message('q', 1), message(long, 2)])).rejects.toMatchObject({
    code: 'REFUSED',
    message: expect.stringContaining('300 bytes'),
  })
  await expect(session.declareQueue(long, {})).rejects.toMatchObject({
    code: 'PRECONDITION_FAILED',
  })
  expect(messageFiles(here.data)).toEqual([])
})

test('a writer that is slow between the name of a file and its content loses nothing', async () => {
  await using here = await place()
  const session = await here.open()
  const name = `1_${randomUUID()}.q.msg`
  writeFileSync(join(here.data, name), '')
  const writer = await open(join(here.data, name), 'r+')
  // As Kombu on a loaded machine, which named the file a while ago.
  const named = new Date(Date.now() - 2_000)
  utimesSync(join(here.data, name), named, named)
  const taking = session.take(takeAll('q'))
  await expect.poll(() => existsSync(join(here.data, name))).toBe(false)
  await writer.write(envelope(7))
  await writer.close()
  expect((await taking).map(indexOf)).toEqual([7])
})
