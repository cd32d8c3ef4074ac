import type { DatabaseSync, SQLOutputValue, StatementResultingChanges } from 'node:sqlite'
import type { StoredBinding } from '@dashi/messaging/transport'
import type { FoundBindings, UnbindQueueRequest } from '../sql-database.ts'
import type { TableNames } from '../table-names.ts'

/** Exchanges and bindings, which Kombu keeps in each client and we keep in the file. */
export interface SharedBindings {
  bind(binding: StoredBinding): void
  unbind(binding: StoredBinding): void
  lookup(exchange: string): FoundBindings
  /** Changes whenever a binding does. */
  version(): number
  declareExchange(name: string, type: string): void
  exchangeType(name: string): string | undefined
  removeExchange(name: string): void
  unbindQueue(request: UnbindQueueRequest): void
  /** Forgets a queue altogether. */
  removeQueue(queue: string): void
}

export function sharedBindings(database: DatabaseSync, names: TableNames): SharedBindings {
  const declare = database.prepare(
    `INSERT INTO ${names.exchange} (name, type) VALUES (?, ?)
     ON CONFLICT (name) DO UPDATE SET type = excluded.type`,
  )
  const typeOf = database.prepare(`SELECT type FROM ${names.exchange} WHERE name = ?`)
  const remove = database.prepare(`DELETE FROM ${names.exchange} WHERE name = ?`)
  const version = database.prepare(`SELECT binding_version FROM ${names.state}`)
  const select = database.prepare(`SELECT * FROM ${names.binding} WHERE exchange = ?`)
  const readVersion = () => Number(version.get()?.['binding_version'])

  return {
    ...bindingWriters(database, names, (exchange) => remove.run(exchange)),
    version: readVersion,
    lookup: (exchange) => ({
      bindingVersion: readVersion(),
      bindings: select.all(exchange).map(storedBinding),
    }),
    declareExchange(name, type) {
      declare.run(name, type)
    },
    exchangeType(name) {
      const row = typeOf.get(name)
      return row === undefined ? undefined : String(row['type'])
    },
  }
}

function storedBinding(row: Record<string, SQLOutputValue>): StoredBinding {
  return {
    exchange: String(row['exchange']),
    exchangeType: String(row['exchange_type']),
    queue: String(row['queue']),
    routingKey: String(row['routing_key']),
    arguments: JSON.parse(String(row['arguments'])),
  }
}

type BindingWriters = Pick<
  SharedBindings,
  'bind' | 'unbind' | 'removeExchange' | 'unbindQueue' | 'removeQueue'
>

/** Whatever changes a binding raises the version, in the same transaction. */
function bindingWriters(
  database: DatabaseSync,
  names: TableNames,
  forgetExchange: (exchange: string) => void,
): BindingWriters {
  const insert = database.prepare(
    `INSERT INTO ${names.binding} (exchange, queue, routing_key, arguments, exchange_type)
     VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET exchange_type = excluded.exchange_type
     WHERE exchange_type <> excluded.exchange_type`,
  )
  const remove = database.prepare(
    `DELETE FROM ${names.binding}
     WHERE exchange = ? AND queue = ? AND routing_key = ? AND arguments = ?`,
  )
  const removeFrom = database.prepare(`DELETE FROM ${names.binding} WHERE exchange = ?`)
  const removeBetween = database.prepare(
    `DELETE FROM ${names.binding} WHERE exchange = ? AND queue = ?`,
  )
  const removeOf = database.prepare(`DELETE FROM ${names.binding} WHERE queue = ?`)
  const raise = database.prepare(`UPDATE ${names.state} SET binding_version = binding_version + 1`)
  const changing = ({ changes }: StatementResultingChanges) => {
    if (changes !== 0) raise.run()
  }

  return {
    bind: (binding) => changing(insert.run(...keyOf(binding), binding.exchangeType)),
    unbind: (binding) => changing(remove.run(...keyOf(binding))),
    removeExchange(name) {
      forgetExchange(name)
      changing(removeFrom.run(name))
    },
    unbindQueue({ queue, exchanges }) {
      for (const exchange of exchanges) changing(removeBetween.run(exchange, queue))
    },
    removeQueue: (queue) => changing(removeOf.run(queue)),
  }
}

/** Arguments are part of a binding's identity, as in AMQP; their order is not. */
function keyOf(binding: StoredBinding): [string, string, string, string] {
  const entries = Object.entries(binding.arguments).sort(([a], [b]) => (a < b ? -1 : 1))
  const text = JSON.stringify(Object.fromEntries(entries))
  return [binding.exchange, binding.queue, binding.routingKey, text]
}
