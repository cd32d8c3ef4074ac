import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import type { TableNames } from '../table-names.ts'

/**
 * Which waiting messages go first.
 *
 * Kombu's tables have no priorities, so messages with one above 0 are listed in a table of ours.
 * Kombu peers take them in order of arrival; the entry of a message that they took is dropped when
 * it is met.
 */
export interface PriorityTable {
  add(queueId: number, priority: number, messageId: number): void
  /** Waiting messages with a priority, highest first, then oldest first. They leave the list. */
  take(queueId: number, limit: number): readonly Record<string, SQLOutputValue>[]
  removeQueue(queueId: number): void
}

/** Highest priority that a message can have; `rank` counts down from it. */
const highest = 255

export function priorityTable(database: DatabaseSync, names: TableNames): PriorityTable {
  const insert = database.prepare(
    `INSERT OR IGNORE INTO ${names.priority} (queue_id, rank, message_id) VALUES (?, ?, ?)`,
  )
  const select = database.prepare(
    `SELECT p.message_id AS id, p.rank AS rank, ${highest} - p.rank AS priority,
       m.visible AS visible, m.payload AS payload, m.version AS version
     FROM ${names.priority} p LEFT JOIN ${names.message} m ON m.id = p.message_id
     WHERE p.queue_id = ? ORDER BY p.rank, p.message_id LIMIT ?`,
  )
  const remove = database.prepare(
    `DELETE FROM ${names.priority} WHERE queue_id = ? AND rank = ? AND message_id = ?`,
  )
  const removeQueue = database.prepare(`DELETE FROM ${names.priority} WHERE queue_id = ?`)

  const takeSome = (queueId: number, limit: number) => {
    const rows = select.all(queueId, limit)
    for (const row of rows) remove.run(queueId, Number(row['rank']), Number(row['id']))
    return rows
  }

  return {
    add(queueId, priority, messageId) {
      insert.run(queueId, highest - Math.min(priority, highest), messageId)
    },
    take(queueId, limit) {
      const waiting: Record<string, SQLOutputValue>[] = []
      for (;;) {
        const rows = takeSome(queueId, limit - waiting.length)
        waiting.push(...rows.filter((row) => row['visible'] === 1))
        if (rows.length === 0 || waiting.length === limit) return waiting
      }
    },
    removeQueue(queueId) {
      removeQueue.run(queueId)
    },
  }
}
