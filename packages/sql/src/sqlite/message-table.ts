/**
 * The rows of `kombu_message`: appended, taken, settled. Every function runs inside a transaction.
 *
 * A waiting message has `visible = 1` and no timestamp. Taking hides the row as Kombu would
 * (`visible = 0`, timestamp, version + 1) and writes who holds it into our own table; Kombu never
 * looks at hidden rows again, so a settled row can be deleted.
 */
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import type { Lease, Settlement, StoredMessage, TakeRequest } from '@dashi/messaging/transport'
import type { TableNames } from '../table-names.ts'
import { localTimestamp } from './local-timestamp.ts'
import { type PriorityTable, priorityTable } from './priority-table.ts'
import type { QueueTable } from './queue-table.ts'

/** What the message table can do for one holder of leases. */
export interface MessageTable {
  put(message: StoredMessage): void
  take(request: TakeRequest): readonly Lease[]
  /** @returns whether the lease was still held. */
  settle(settlement: Settlement): boolean
  hasWaiting(queues: readonly string[]): boolean
  countWaiting(queueId: number): number
  /** Removes what waits, and hidden rows that nobody of ours holds. @returns waiting messages removed. */
  purge(queueId: number): number
  /** Removes everything. @returns messages removed. */
  removeAll(queueId: number): number
}

/** What a message table works with. */
export interface MessageTableParts {
  readonly database: DatabaseSync
  readonly names: TableNames
  readonly queues: QueueTable
  readonly holderId: number
}

/** A row of `kombu_message` about to be taken. */
interface WaitingRow {
  readonly id: number
  readonly payload: string | Uint8Array
  readonly version: number
  readonly priority: number
}

export function messageTable(parts: MessageTableParts): MessageTable {
  const priorities = priorityTable(parts.database, parts.names)
  return {
    put: putter(parts, priorities),
    take: taker(parts, priorities),
    settle: settler(parts, priorities),
    ...counters(parts, priorities),
  }
}

function putter(parts: MessageTableParts, priorities: PriorityTable): MessageTable['put'] {
  const insert = parts.database.prepare(
    `INSERT INTO ${parts.names.message} (visible, timestamp, payload, version, queue_id)
     VALUES (1, NULL, ?, 1, ?)`,
  )
  return ({ queue, payload, priority }) => {
    const queueId = parts.queues.findOrCreate(queue)
    const { lastInsertRowid } = insert.run(payload, queueId)
    if (priority > 0) priorities.add(queueId, priority, Number(lastInsertRowid))
  }
}

function taker(parts: MessageTableParts, priorities: PriorityTable): MessageTable['take'] {
  const { database, names, queues, holderId } = parts
  const waiting = database.prepare(
    `SELECT id, payload, version, 0 AS priority FROM ${names.message}
     WHERE queue_id = ? AND visible = 1 ORDER BY timestamp, id LIMIT ?`,
  )
  const hide = database.prepare(
    `UPDATE ${names.message} SET visible = 0, timestamp = ?, version = version + 1 WHERE id = ?`,
  )
  const lease = database.prepare(
    `INSERT OR REPLACE INTO ${names.lease} (message_id, holder_id, version, priority)
     VALUES (?, ${holderId}, ?, ?)`,
  )
  const remove = database.prepare(`DELETE FROM ${names.message} WHERE id = ?`)

  const hold = (row: WaitingRow, timestamp: string) => {
    hide.run(timestamp, row.id)
    lease.run(row.id, row.version + 1, row.priority)
    return `${row.id}:${row.version + 1}`
  }

  return ({ queues: wanted, limit, noAck }) => {
    const timestamp = localTimestamp(new Date())
    const leases: Lease[] = []
    const takeRow = (queue: string, row: WaitingRow) => {
      if (noAck) remove.run(row.id)
      const token = noAck ? '' : hold(row, timestamp)
      leases.push({ queue, payload: row.payload, token })
    }
    for (const queue of wanted) {
      const queueId = queues.find(queue)
      if (queueId === undefined || leases.length >= limit) continue
      for (const row of priorities.take(queueId, limit - leases.length))
        takeRow(queue, waitingRow(row))
      if (leases.length >= limit) continue
      for (const row of waiting.all(queueId, limit - leases.length)) takeRow(queue, waitingRow(row))
    }
    return leases
  }
}

function waitingRow(row: Record<string, SQLOutputValue>): WaitingRow {
  const payload = row['payload']
  return {
    id: Number(row['id']),
    payload: payload instanceof Uint8Array ? payload : String(payload),
    version: Number(row['version']),
    priority: Number(row['priority']),
  }
}

function settler(parts: MessageTableParts, priorities: PriorityTable): MessageTable['settle'] {
  const { database, names, holderId } = parts
  const end = database.prepare(
    `DELETE FROM ${names.lease} WHERE message_id = ? AND holder_id = ${holderId} AND version = ?`,
  )
  const remove = database.prepare(`DELETE FROM ${names.message} WHERE id = ?`)
  const queueOf = database.prepare(`SELECT queue_id FROM ${names.message} WHERE id = ?`)
  const show = database.prepare(
    `UPDATE ${names.message} SET visible = 1, timestamp = NULL, payload = ? WHERE id = ?`,
  )
  const append = database.prepare(
    `INSERT INTO ${names.message} (visible, timestamp, payload, version, queue_id)
     VALUES (1, NULL, ?, 1, ?)`,
  )

  const putBack = (id: number, settlement: Exclude<Settlement, { outcome: 'done' }>) => {
    const queueId = queueOf.get(id)?.['queue_id']
    if (typeof queueId !== 'number') return
    const { outcome, payload, priority } = settlement
    let messageId = id
    if (outcome === 'release') show.run(payload, id)
    else {
      remove.run(id)
      messageId = Number(append.run(payload, queueId).lastInsertRowid)
    }
    if (priority > 0) priorities.add(queueId, priority, messageId)
  }

  return (settlement) => {
    const [id = -1, version = -1] = settlement.token.split(':').map(Number)
    if (end.run(id, version).changes === 0) return false
    if (settlement.outcome === 'done') remove.run(id)
    else putBack(id, settlement)
    return true
  }
}

type Counters = Pick<MessageTable, 'hasWaiting' | 'countWaiting' | 'purge' | 'removeAll'>

function counters(parts: MessageTableParts, priorities: PriorityTable): Counters {
  const { database, names } = parts
  const any = database.prepare(
    `SELECT 1 FROM ${names.message} WHERE visible = 1 AND queue_id =
       (SELECT id FROM ${names.queue} WHERE name = ?) LIMIT 1`,
  )
  const count = database.prepare(
    `SELECT count(*) AS count FROM ${names.message} WHERE queue_id = ? AND visible = 1`,
  )
  const removeVisible = database.prepare(
    `DELETE FROM ${names.message} WHERE queue_id = ? AND visible = 1`,
  )
  const removeUnheld = database.prepare(
    `DELETE FROM ${names.message} WHERE queue_id = ? AND id NOT IN (SELECT message_id FROM ${names.lease})`,
  )
  const removeLeases = database.prepare(
    `DELETE FROM ${names.lease} WHERE message_id IN (SELECT id FROM ${names.message} WHERE queue_id = ?)`,
  )

  const purge = (queueId: number) => {
    const { changes } = removeVisible.run(queueId)
    removeUnheld.run(queueId)
    priorities.removeQueue(queueId)
    return Number(changes)
  }

  return {
    hasWaiting: (queues) => queues.some((queue) => any.get(queue) !== undefined),
    countWaiting: (queueId) => Number(count.get(queueId)?.['count']),
    purge,
    removeAll(queueId) {
      const removed = purge(queueId)
      const held = Number(removeLeases.run(queueId).changes)
      removeUnheld.run(queueId)
      return removed + held
    },
  }
}
