/** Files that cannot be worked with: every error names the file, the reason and what to do. */
import { execFile } from 'node:child_process'
import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import type { StoredMessage } from '@dashi/messaging/transport'
import { expect, test } from 'vitest'
import { openSession } from './testing/open-session.ts'
import { temporaryDatabase } from './testing/temporary-database.ts'

const run = promisify(execFile)

function message(payload: string): StoredMessage {
  return { queue: 'q', payload, priority: 0 }
}

async function patch(path: string, position: number, bytes: Uint8Array): Promise<void> {
  await using file = await open(path, 'r+')
  await file.write(bytes, 0, bytes.length, position)
}

test('a missing folder', async () => {
  await using file = await temporaryDatabase()
  const path = join(file.folder, 'nowhere', 'queue.db')
  await expect(openSession({ path })).rejects.toMatchObject({
    name: 'ConnectionError',
    code: 'CONNECTION_REFUSED',
    message: `Cannot open SQLite database "${path}": the folder "${join(file.folder, 'nowhere')}" does not exist. Create it first`,
  })
})

test('a folder instead of a file', async () => {
  await using file = await temporaryDatabase()
  await mkdir(file.path)
  await expect(openSession({ path: file.path })).rejects.toMatchObject({
    code: 'CONNECTION_REFUSED',
    message: `Cannot open SQLite database "${file.path}": it is a folder. Give the path of a file`,
  })
})

test('a file that is no database', async () => {
  await using file = await temporaryDatabase()
  await writeFile(file.path, 'just some text, long enough to have a header'.repeat(20))
  await expect(openSession({ path: file.path })).rejects.toMatchObject({
    code: 'CONNECTION_REFUSED',
    message: expect.stringMatching(/queue\.db": it is not a SQLite database\. Choose another path/),
  })
})

test('a damaged database', async () => {
  await using file = await temporaryDatabase()
  {
    await using session = await openSession({ path: file.path })
    await session.put(Array.from({ length: 100 }, () => message('x'.repeat(1_000))))
  }
  await patch(file.path, 4096, new Uint8Array(20 * 4096).fill(0xa5))
  await expect(openSession({ path: file.path })).rejects.toMatchObject({
    name: 'ConnectionError',
    message: expect.stringMatching(/queue\.db": it is damaged\. Stop all processes and restore it/),
  })
})

test('a read-only database', async () => {
  await using file = await temporaryDatabase()
  {
    await using _ = await openSession({ path: file.path })
  }
  // Offset 18 is the version needed to write: one that does not exist makes the file read-only, also
  // for root, whom file modes do not stop. Source: SQLite, "Database File Format", 1.3.
  await patch(file.path, 18, new Uint8Array([3]))
  await expect(openSession({ path: file.path })).rejects.toMatchObject({
    code: 'CONNECTION_REFUSED',
    message: expect.stringMatching(/queue\.db": it is read-only\. Check owner and mode/),
  })
})

test("a kombu_message table that is not Kombu's", async () => {
  await using file = await temporaryDatabase()
  const database = new DatabaseSync(file.path)
  database.exec('CREATE TABLE kombu_message (id INTEGER PRIMARY KEY, body TEXT)')
  database.close()
  await expect(openSession({ path: file.path })).rejects.toMatchObject({
    code: 'CONNECTION_REFUSED',
    message: expect.stringMatching(
      /table "kombu_message" is not Kombu's: it has the columns id, body and lacks visible, timestamp, payload, version, queue_id\. Choose other names/,
    ),
  })
  await using _ = await openSession({ path: file.path, messageTablename: 'other_message' })
})

test('tables of a newer version', async () => {
  await using file = await temporaryDatabase()
  {
    await using _ = await openSession({ path: file.path })
  }
  const database = new DatabaseSync(file.path)
  database.exec('UPDATE dashi_state SET schema_version = 99')
  database.close()
  await expect(openSession({ path: file.path })).rejects.toMatchObject({
    message: expect.stringMatching(/its tables have version 99.*Update this process/),
  })
})

test('a write lock that another process does not let go', async () => {
  await using file = await temporaryDatabase()
  await using session = await openSession({ path: file.path, lockTimeoutMs: 300 })
  await session.put([message('before')])
  const other = new DatabaseSync(file.path)
  other.exec('BEGIN IMMEDIATE')
  await expect(session.put([message('refused')])).rejects.toMatchObject({
    name: 'PublishError',
    code: 'TIMED_OUT',
    message: expect.stringMatching(
      /^Cannot store messages in SQLite database ".*queue\.db": another process has held the write lock for more than 300 ms/,
    ),
  })
  await expect(session.take({ queues: ['q'], limit: 1, noAck: false })).rejects.toMatchObject({
    name: 'ChannelError',
    code: 'TIMED_OUT',
  })
  await expect(openSession({ path: file.path, lockTimeoutMs: 100 })).rejects.toMatchObject({
    name: 'ConnectionError',
    code: 'TIMED_OUT',
  })
  // Reading needs no lock, and the event loop was never blocked.
  expect(await session.inspectQueue('q')).toBe(1)
  other.exec('COMMIT')
  other.close()
  await session.put([message('after')])
  expect(await session.inspectQueue('q')).toBe(2)
})

test('a message that the database refuses does not take its neighbours along', async () => {
  await using file = await temporaryDatabase()
  await using session = await openSession({ path: file.path })
  const database = new DatabaseSync(file.path)
  database.exec(`CREATE TRIGGER no_bad BEFORE INSERT ON kombu_message WHEN NEW.payload = 'bad'
    BEGIN SELECT RAISE(ABORT, 'bad is forbidden'); END`)
  database.close()
  const puts = ['1', 'bad', '2'].map((payload) => session.put([message(payload)]))
  const results = await Promise.allSettled(puts)
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  await expect(puts[1]).rejects.toMatchObject({
    name: 'PublishError',
    code: 'REFUSED',
    message: expect.stringContaining('bad is forbidden'),
  })
  await expect(session.put([message('3'), message('bad')])).rejects.toThrow('bad is forbidden')
  const leases = await session.take({ queues: ['q'], limit: 9, noAck: true })
  expect(leases.map(({ payload }) => payload).sort()).toEqual(['1', '2'])
})

test('a full disk refuses, changes nothing, and recovers', async (context) => {
  await using file = await temporaryDatabase()
  const mounted = await run('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', file.folder]).then(
    () => true,
    () => false,
  )
  if (!mounted) context.skip('a small file system needs root and Linux')
  try {
    await using session = await openSession({ path: file.path })
    await session.put([message('before')])
    await writeFile(join(file.folder, 'filler'), Buffer.alloc(1_500_000))
    const large = message('x'.repeat(900_000))
    await expect(session.put([large])).rejects.toMatchObject({
      name: 'PublishError',
      code: 'REFUSED',
      message: expect.stringMatching(/queue\.db": the disk is full\. Free some space/),
    })
    expect(await session.inspectQueue('q')).toBe(1)
    await rm(join(file.folder, 'filler'))
    await session.put([message('after')])
    expect(await session.take({ queues: ['q'], limit: 9, noAck: true })).toHaveLength(2)
  } finally {
    await run('umount', [file.folder])
  }
})

test('a file that is deleted or replaced while it is open ends the session', async () => {
  await using file = await temporaryDatabase()
  await using session = await openSession({ path: file.path, leaseMs: 300 })
  await rm(file.path)
  await expect(session.closed).resolves.toMatchObject({
    name: 'ConnectionError',
    code: 'CONNECTION_LOST',
    message: expect.stringMatching(/queue\.db": the file was deleted while it was open/),
  })
  await using other = await openSession({ path: file.path, leaseMs: 300 })
  await writeFile(join(file.folder, 'copy.db'), await readFile(file.path))
  await rename(join(file.folder, 'copy.db'), file.path)
  await expect(other.closed).resolves.toMatchObject({
    message: expect.stringMatching(/the file was replaced by another one/),
  })
})
