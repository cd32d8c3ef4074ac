import type { DatabaseSync } from 'node:sqlite'
import type { TableNames } from '../table-names.ts'

/** The rows of `kombu_queue`: a number for every name. */
export interface QueueTable {
  find(queue: string): number | undefined
  /** Creates the row if need be, as Kombu does on every first use. */
  findOrCreate(queue: string): number
  remove(queueId: number): void
  /** Forgets what was read: call at the start of each transaction, other processes write too. */
  forget(): void
}

/** @param database Only used from inside transactions, or for reads. */
export function queueTable(database: DatabaseSync, names: TableNames): QueueTable {
  const select = database.prepare(`SELECT id FROM ${names.queue} WHERE name = ?`)
  const insert = database.prepare(`INSERT INTO ${names.queue} (name) VALUES (?)`)
  const drop = database.prepare(`DELETE FROM ${names.queue} WHERE id = ?`)
  const known = new Map<string, number>()

  const find = (queue: string) => {
    const id = known.get(queue)
    if (id !== undefined) return id
    const row = select.get(queue)
    if (row === undefined) return undefined
    known.set(queue, Number(row['id']))
    return Number(row['id'])
  }

  return {
    find,
    findOrCreate(queue) {
      const id = find(queue) ?? Number(insert.run(queue).lastInsertRowid)
      known.set(queue, id)
      return id
    },
    remove(queueId) {
      drop.run(queueId)
      known.clear()
    },
    forget: () => known.clear(),
  }
}
