import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import type { ItemOrder, PopRequest, PushRequest } from '../sql-database.ts'
import type { TableNames } from '../table-names.ts'

/** The items of plain queues, in a table of ours. Every function that writes runs inside a transaction. */
export interface ItemTable {
  push(request: PushRequest): void
  /** Removes one. */
  pop(request: PopRequest): string | Uint8Array | undefined
  count(queue: string): number
  clear(queue: string): void
  hasItem(queues: readonly string[]): boolean
}

/** One index serves both: a queue without priorities has 0 everywhere. */
const orders: Readonly<Record<ItemOrder, string>> = {
  first: 'priority DESC, id',
  last: 'priority, id DESC',
}

export function itemTable(database: DatabaseSync, names: TableNames): ItemTable {
  const insert = database.prepare(
    `INSERT INTO ${names.item} (queue, priority, item) VALUES (?, ?, ?)`,
  )
  const popper = (order: ItemOrder) =>
    database.prepare(
      `DELETE FROM ${names.item} WHERE id =
         (SELECT id FROM ${names.item} WHERE queue = ? ORDER BY ${orders[order]} LIMIT 1)
       RETURNING item`,
    )
  const poppers = { first: popper('first'), last: popper('last') }
  const count = database.prepare(`SELECT count(*) AS count FROM ${names.item} WHERE queue = ?`)
  const clear = database.prepare(`DELETE FROM ${names.item} WHERE queue = ?`)
  const any = database.prepare(`SELECT 1 FROM ${names.item} WHERE queue = ? LIMIT 1`)

  return {
    push({ queue, item, priority }) {
      insert.run(queue, priority, item)
    },
    pop: ({ queue, order }) => itemOf(poppers[order].get(queue)),
    count: (queue) => Number(count.get(queue)?.['count']),
    clear(queue) {
      clear.run(queue)
    },
    hasItem: (queues) => queues.some((queue) => any.get(queue) !== undefined),
  }
}

function itemOf(row: Record<string, SQLOutputValue> | undefined): string | Uint8Array | undefined {
  const item = row?.['item']
  return item instanceof Uint8Array || item === undefined ? item : String(item)
}
