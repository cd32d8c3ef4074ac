import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { testTransport } from '@dashi/conformance'
import { Connection } from '@dashi/messaging'
import { afterAll, describe, expect, test } from 'vitest'
import { sqlite } from './sqlite.ts'

const folder = mkdtempSync(join(tmpdir(), 'dashi-sqlite-conformance-'))
const path = join(folder, 'queue.db')
const notADatabase = join(folder, 'notes.txt')
// Longer than the suite freezes the file: a holder that cannot write for a whole lease loses it, rightly.
const options = { leaseMs: 2_500, synchronous: 'normal' } as const
writeFileSync(notADatabase, 'not a database, however long it gets. '.repeat(100))

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Another program on the same file. */
function withDatabase<T>(use: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync(path)
  try {
    database.exec('PRAGMA busy_timeout = 5000')
    return use(database)
  } finally {
    database.close()
  }
}

testTransport(
  { describe, test, expect, afterAll },
  {
    name: 'sqlite',
    create: (overrides) => sqlite({ path, ...options, ...overrides }),
    process: { url: `sqla+sqlite:///${path}`, transportOptions: options, recoveryMs: 6_000 },
    faults: {
      // Somebody else holds the file's one write lock.
      async freeze() {
        const other = new DatabaseSync(path)
        other.exec('PRAGMA busy_timeout = 5000')
        other.exec('BEGIN IMMEDIATE')
        return async () => {
          other.exec('ROLLBACK')
          other.close()
        }
      },
    },
    unreachable: [
      {
        name: 'a folder that does not exist',
        open: (given) => new Connection(sqlite({ path: join(folder, 'none', 'x.db') }), given),
        code: 'CONNECTION_REFUSED',
      },
      {
        name: 'a file that is no database',
        open: (given) => new Connection(sqlite({ path: notADatabase }), given),
        code: 'CONNECTION_REFUSED',
      },
      {
        name: 'an option that does not exist',
        open: (given) =>
          new Connection(`sqla+sqlite:///${path}`, { ...given, transportOptions: { leasMs: 1 } }),
        code: 'BAD_OPTION',
        withinMs: 500,
        isHopeless: true,
      },
      {
        name: 'an option of the wrong type',
        open: (given) =>
          new Connection(`sqla+sqlite:///${path}`, {
            ...given,
            transportOptions: { leaseMs: '1' },
          }),
        code: 'BAD_OPTION',
        withinMs: 500,
        isHopeless: true,
      },
    ],
    async putForeign(queue, bytes) {
      withDatabase((database) =>
        database
          .prepare(
            `INSERT INTO kombu_message (visible, payload, version, queue_id)
             VALUES (1, ?, 1, (SELECT id FROM kombu_queue WHERE name = ?))`,
          )
          .run(bytes, queue),
      )
    },
  },
)
