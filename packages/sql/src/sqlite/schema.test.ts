import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { openSession } from '../testing/open-session.ts'
import { temporaryDatabase } from '../testing/temporary-database.ts'

/**
 * What `SELECT name, sql FROM sqlite_master` shows of a file made by Kombu 5.6.2 with SQLAlchemy 2.1.9, and the
 * same by Kombu 5.2.4 with SQLAlchemy 1.4.54, after
 * `Connection('sqla+sqlite:///…').SimpleQueue('q1').put('x')`; white space normalised.
 */
const kombuSchema: Readonly<Record<string, string>> = {
  kombu_queue:
    'CREATE TABLE kombu_queue ( id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, name VARCHAR(200), UNIQUE (name) )',
  kombu_message:
    'CREATE TABLE kombu_message ( id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, visible BOOLEAN, timestamp DATETIME, ' +
    'payload TEXT NOT NULL, version SMALLINT NOT NULL, queue_id INTEGER, ' +
    'CONSTRAINT "FK_kombu_message_queue" FOREIGN KEY(queue_id) REFERENCES kombu_queue (id) )',
  ix_kombu_message_visible: 'CREATE INDEX ix_kombu_message_visible ON kombu_message (visible)',
  ix_kombu_message_timestamp:
    'CREATE INDEX ix_kombu_message_timestamp ON kombu_message (timestamp)',
  ix_kombu_message_timestamp_id:
    'CREATE INDEX ix_kombu_message_timestamp_id ON kombu_message (timestamp, id)',
}

function schemaOf(path: string): Record<string, string> {
  const database = new DatabaseSync(path, { readOnly: true })
  const rows = database.prepare('SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL').all()
  database.close()
  const plain = (sql: string) => sql.replaceAll(/\s+/g, ' ').replaceAll(/"((?!FK)\w+)"/g, '$1')
  return Object.fromEntries(rows.map((row) => [String(row['name']), plain(String(row['sql']))]))
}

test("Kombu's tables and indexes are exactly Kombu's", async () => {
  await using file = await temporaryDatabase()
  await using _ = await openSession({ path: file.path })
  expect(schemaOf(file.path)).toMatchObject(kombuSchema)
})

test('a file that Kombu made gets our tables beside its own', async () => {
  await using file = await temporaryDatabase()
  const database = new DatabaseSync(file.path)
  for (const sql of Object.values(kombuSchema)) database.exec(sql)
  database.exec(`INSERT INTO kombu_queue (name) VALUES ('q');
    INSERT INTO kombu_message (visible, timestamp, payload, version, queue_id) VALUES (1, NULL, '{}', 1, 1)`)
  database.close()
  await using session = await openSession({ path: file.path })
  expect(await session.inspectQueue('q')).toBe(1)
  expect(schemaOf(file.path)).toMatchObject(kombuSchema)
  expect(Object.keys(schemaOf(file.path))).toContain('dashi_lease')
})

test('two message stores share a file without seeing each other', async () => {
  await using file = await temporaryDatabase()
  await using one = await openSession({ path: file.path })
  await using two = await openSession({
    path: file.path,
    queueTablename: 'jobs_queue',
    messageTablename: 'jobs_message',
  })
  await one.put([{ queue: 'q', payload: 'one', priority: 0 }])
  await two.put([{ queue: 'q', payload: 'two', priority: 3 }])
  const request = { queues: ['q'], limit: 9, noAck: false }
  expect((await two.take(request)).map(({ payload }) => payload)).toEqual(['two'])
  expect((await one.take(request)).map(({ payload }) => payload)).toEqual(['one'])
})

test('rows are written, hidden and deleted as Kombu reads them', async () => {
  await using file = await temporaryDatabase()
  await using session = await openSession({ path: file.path })
  const database = new DatabaseSync(file.path)
  const rows = () => database.prepare('SELECT * FROM kombu_message').all()
  await session.put([{ queue: 'q', payload: '{"a":1}', priority: 0 }])
  expect(rows()).toEqual([
    { id: 1, visible: 1, timestamp: null, payload: '{"a":1}', version: 1, queue_id: 1 },
  ])
  const [lease] = await session.take({ queues: ['q'], limit: 1, noAck: false })
  const timestamp = expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}$/)
  expect(rows()).toEqual([
    { id: 1, visible: 0, timestamp, payload: '{"a":1}', version: 2, queue_id: 1 },
  ])
  await session.settle([{ outcome: 'done', token: lease?.token ?? '', queue: 'q' }])
  expect(rows()).toEqual([])
  database.close()
})
