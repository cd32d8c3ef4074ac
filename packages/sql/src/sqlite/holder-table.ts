/**
 * Who holds leases: one row per session, renewed while it lives.
 *
 * Renewing costs one row, however many messages are held. When a row has run out, any session gives
 * the messages of that holder back and removes the row; the holder notices at its next renewal.
 */
import type { DatabaseSync } from 'node:sqlite'
import type { TableNames } from '../table-names.ts'
import { markedPayload } from './marked-payload.ts'

/** A holder as the table shows it. */
export interface HolderRow {
  readonly id: number
  /** Unix time in milliseconds. Also tells renewals apart. */
  readonly expiresAtMs: number
  readonly leaseMs: number
}

/** Functions over the holders' rows. Those that write run inside a transaction. */
export interface HolderTable {
  add(leaseMs: number): number
  /** @returns false when the row is gone: whatever was held has been given back. */
  renew(holderId: number, leaseMs: number): boolean
  exists(holderId: number): boolean
  list(): readonly HolderRow[]
  /** Makes everything that it holds visible again, marked as delivered before. @returns messages. */
  restore(holderId: number): number
  remove(holderId: number): void
}

export function holderTable(database: DatabaseSync, names: TableNames): HolderTable {
  const add = database.prepare(
    `INSERT INTO ${names.holder} (expires_at_ms, lease_ms) VALUES (?, ?)`,
  )
  const renew = database.prepare(`UPDATE ${names.holder} SET expires_at_ms = ? WHERE id = ?`)
  const find = database.prepare(`SELECT 1 FROM ${names.holder} WHERE id = ?`)
  const list = database.prepare(`SELECT id, expires_at_ms, lease_ms FROM ${names.holder}`)
  const remove = database.prepare(`DELETE FROM ${names.holder} WHERE id = ?`)

  return {
    add: (leaseMs) => Number(add.run(Date.now() + leaseMs, leaseMs).lastInsertRowid),
    renew: (holderId, leaseMs) => renew.run(Date.now() + leaseMs, holderId).changes === 1,
    exists: (holderId) => find.get(holderId) !== undefined,
    list: () =>
      list.all().map((row) => ({
        id: Number(row['id']),
        expiresAtMs: Number(row['expires_at_ms']),
        leaseMs: Number(row['lease_ms']),
      })),
    restore: restorer(database, names),
    remove(holderId) {
      remove.run(holderId)
    },
  }
}

function restorer(database: DatabaseSync, names: TableNames): HolderTable['restore'] {
  const held = `SELECT message_id FROM ${names.lease} WHERE holder_id = ?`
  const show = database.prepare(
    `UPDATE ${names.message} SET visible = 1, timestamp = NULL, payload = ${markedPayload}
     WHERE id IN (${held})`,
  )
  const rank = database.prepare(
    `INSERT OR IGNORE INTO ${names.priority} (queue_id, rank, message_id)
     SELECT m.queue_id, 255 - l.priority, l.message_id
     FROM ${names.lease} l JOIN ${names.message} m ON m.id = l.message_id
     WHERE l.holder_id = ? AND l.priority > 0`,
  )
  const end = database.prepare(`DELETE FROM ${names.lease} WHERE holder_id = ?`)

  return (holderId) => {
    const { changes } = show.run(holderId)
    rank.run(holderId)
    end.run(holderId)
    return Number(changes)
  }
}
