import { mkdtempSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { testTransport } from '@dashi/conformance'
import { afterAll, describe, expect, test } from 'vitest'
import { sqlite } from './sqlite.ts'

const folder = mkdtempSync(join(tmpdir(), 'dashi-sql-conformance-'))
const path = join(folder, 'queue.db')
const notDatabase = join(folder, 'text.db')
const leaseMs = 2_000

await writeFile(notDatabase, 'no database at all '.repeat(100))

afterAll(async () => {
  await rm(folder, { recursive: true })
})

/** Commands of an operator. */
function withDatabase<Value>(use: (database: DatabaseSync) => Value): Value {
  const database = new DatabaseSync(path, { timeout: 5_000 })
  try {
    return use(database)
  } finally {
    database.close()
  }
}

testTransport(
  { describe, test, expect },
  {
    name: 'sqlite',
    create: (overrides) => sqlite({ path, leaseMs, ...overrides }),
    process: {
      url: `sqla+sqlite:///${path}`,
      transportOptions: { leaseMs },
      recoveryMs: leaseMs * 2 + 1_000,
    },
    async putForeign(queue, bytes) {
      withDatabase((database) => {
        database.prepare('INSERT OR IGNORE INTO kombu_queue (name) VALUES (?)').run(queue)
        database
          .prepare(
            `INSERT INTO kombu_message (visible, payload, version, queue_id)
             SELECT 1, ?, 1, id FROM kombu_queue WHERE name = ?`,
          )
          .run(bytes, queue)
      })
    },
    faults: {
      async freeze() {
        const other = new DatabaseSync(path, { timeout: 5_000 })
        other.exec('BEGIN IMMEDIATE')
        return async () => {
          other.exec('ROLLBACK')
          other.close()
        }
      },
      refusals: [
        {
          name: 'a trigger of the operator',
          async begin() {
            withDatabase((database) =>
              database.exec(`CREATE TRIGGER refuse BEFORE INSERT ON kombu_message
                BEGIN SELECT RAISE(ABORT, 'closed for maintenance'); END`),
            )
            return async () => withDatabase((database) => database.exec('DROP TRIGGER refuse'))
          },
        },
      ],
    },
    unreachable: [
      {
        name: 'a missing folder',
        create: () => `sqla+sqlite:///${join(folder, 'nowhere', 'queue.db')}`,
        code: 'CONNECTION_REFUSED',
      },
      {
        name: 'a file that is no database',
        create: () => sqlite({ path: notDatabase }),
        code: 'CONNECTION_REFUSED',
      },
    ],
  },
)
