import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { FaultPlan } from '../fault-plan.ts'
import {
  idsIn,
  quarantinedIn,
  quarantineName,
  queueName,
  type Remains,
  type Subject,
} from './subject.ts'

/** A SQLite file in the run's folder. */
export function sqliteSubject(plan: FaultPlan, folder: string): Subject {
  const path = join(folder, 'broker.sqlite')
  return {
    url: `sqla+sqlite:///${path}`,
    transportOptions: { leaseMs: plan.leaseMs, synchronous: plan.durability },
    version: `SQLite ${process.versions['sqlite']}`,
    remains: async () => look(path, remainsIn),
    remainingIds: async () => look(path, (database) => idsIn(payloadsIn(database, queueName))),
    quarantined: async () =>
      look(path, (database) => quarantinedIn(payloadsIn(database, quarantineName))),
    async [Symbol.asyncDispose]() {
      // The file goes with the run's folder.
    },
  }
}

function look<Result>(path: string, ask: (database: DatabaseSync) => Result): Result {
  const database = new DatabaseSync(path, { readOnly: true, timeout: 10_000 })
  try {
    return ask(database)
  } finally {
    database.close()
  }
}

function remainsIn(database: DatabaseSync): Remains {
  const count = (from: string) =>
    Number(database.prepare(`SELECT count(*) AS count FROM ${from}`).get()?.['count'])
  const leased = count('dashi_lease')
  const hidden = count('kombu_message WHERE visible = 0')
  return {
    ready: count(`kombu_message WHERE visible = 1 AND ${inQueue(queueName)}`),
    leased,
    holders: count('dashi_holder'),
    other: hidden === leased ? [] : [`${hidden - leased} hidden rows that nobody holds`],
  }
}

function inQueue(name: string): string {
  return `queue_id = (SELECT id FROM kombu_queue WHERE name = '${name}')`
}

function payloadsIn(database: DatabaseSync, queue: string): readonly string[] {
  const rows = database.prepare(`SELECT payload FROM kombu_message WHERE ${inQueue(queue)}`).all()
  return rows.map((row) => String(row['payload']))
}
