/**
 * Which sessions consume from queues that go with their last consumer.
 *
 * Without this, one process that leaves would delete the queue of the others.
 */
import type { DatabaseSync } from 'node:sqlite'
import type { TableNames } from '../table-names.ts'

/** Functions over the consumers' rows. Every one runs inside a transaction. */
export interface ConsumerTable {
  join(queue: string): void
  leave(queue: string): void
  /** Whether any session that is alive consumes from a queue. */
  isConsumed(queue: string): boolean
  /** Forgets a session that is gone. */
  removeHolder(holderId: number): void
}

/** @param holderId The session that joins and leaves. */
export function consumerTable(
  database: DatabaseSync,
  names: TableNames,
  holderId: number,
): ConsumerTable {
  const add = database.prepare(
    `INSERT OR IGNORE INTO ${names.consumer} (queue, holder_id) VALUES (?, ${holderId})`,
  )
  const remove = database.prepare(
    `DELETE FROM ${names.consumer} WHERE queue = ? AND holder_id = ${holderId}`,
  )
  const find = database.prepare(
    `SELECT 1 FROM ${names.consumer} c JOIN ${names.holder} h ON h.id = c.holder_id
     WHERE c.queue = ? AND h.expires_at_ms > ? LIMIT 1`,
  )
  const forget = database.prepare(`DELETE FROM ${names.consumer} WHERE holder_id = ?`)
  return {
    join(queue) {
      add.run(queue)
    },
    leave(queue) {
      remove.run(queue)
    },
    isConsumed: (queue) => find.get(queue, Date.now()) !== undefined,
    removeHolder(id) {
      forget.run(id)
    },
  }
}
