/**
 * Queues that go away by themselves: exclusive ones with their session, and those with `x-expires`
 * when nobody has used them for that long.
 *
 * Without this, queues of dead processes that are bound to a fanout exchange would grow for ever.
 */
import type { DatabaseSync } from 'node:sqlite'
import type { QueueRequest } from '../sql-database.ts'
import type { TableNames } from '../table-names.ts'

/** A queue with `x-expires`. */
export interface ExpiringQueue {
  readonly queue: string
  readonly queueId: number
  readonly expiresMs: number
  readonly usedAtMs: number
}

/** Functions over the rows of queues with such options. Those that write run inside a transaction. */
export interface QueueOptions {
  declare(queueId: number, request: QueueRequest): void
  remove(queueId: number): void
  /** Notes that these queues are in use. */
  touch(queues: readonly string[], nowMs: number): void
  /** Queues that may expire, except those with messages in somebody's hands. */
  expiring(): readonly ExpiringQueue[]
  ownedBy(holderId: number): readonly string[]
  /** Whether a queue is this session's own. */
  isOurs(queue: string): boolean
}

/** @param holder Owner of exclusive queues; its lease is also the shortest time after which a queue expires. */
export function queueOptions(
  database: DatabaseSync,
  names: TableNames,
  holder: { readonly id: number; readonly leaseMs: number },
): QueueOptions {
  const set = database.prepare(
    `INSERT OR REPLACE INTO ${names.queueOption} (queue_id, holder_id, expires_ms, used_at_ms)
     VALUES (?, ?, ?, ?)`,
  )
  const remove = database.prepare(`DELETE FROM ${names.queueOption} WHERE queue_id = ?`)
  const touch = database.prepare(
    `UPDATE ${names.queueOption} SET used_at_ms = ?
     WHERE expires_ms IS NOT NULL AND queue_id = (SELECT id FROM ${names.queue} WHERE name = ?)`,
  )
  const options = `${names.queueOption} o JOIN ${names.queue} q ON q.id = o.queue_id`
  const held = `SELECT 1 FROM ${names.lease} l JOIN ${names.message} m ON m.id = l.message_id
    WHERE m.queue_id = o.queue_id`
  const expiring = database.prepare(
    `SELECT q.name, o.* FROM ${options} WHERE o.expires_ms IS NOT NULL AND NOT EXISTS (${held})`,
  )
  const owned = database.prepare(`SELECT q.name FROM ${options} WHERE o.holder_id = ?`)

  return {
    declare(queueId, { queueArguments, exclusive }) {
      const expires = queueArguments['x-expires']
      const expiresMs =
        typeof expires === 'number' ? Math.max(Math.ceil(expires), holder.leaseMs) : null
      if (exclusive || expiresMs !== null) {
        set.run(queueId, exclusive ? holder.id : null, expiresMs, Date.now())
      }
    },
    remove(queueId) {
      remove.run(queueId)
    },
    touch(queues, nowMs) {
      for (const queue of queues) touch.run(nowMs, queue)
    },
    expiring: () =>
      expiring.all().map((row) => ({
        queue: String(row['name']),
        queueId: Number(row['queue_id']),
        expiresMs: Number(row['expires_ms']),
        usedAtMs: Number(row['used_at_ms']),
      })),
    isOurs: (queue) => owned.all(holder.id).some((row) => row['name'] === queue),
    ownedBy: (holderId) => owned.all(holderId).map((row) => String(row['name'])),
  }
}
