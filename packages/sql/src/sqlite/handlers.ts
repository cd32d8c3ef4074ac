/** What each command does to the tables. */
import type { DatabaseSync } from 'node:sqlite'
import type { LeaveRequest, RoutedRequest, SqlCommands, SqlVerb } from '../sql-database.ts'
import type { TableNames } from '../table-names.ts'
import { type SharedBindings, sharedBindings } from './binding-table.ts'
import { type ConsumerTable, consumerTable } from './consumer-table.ts'
import { type ItemTable, itemTable } from './item-table.ts'
import { type MessageTable, messageTable } from './message-table.ts'
import { type QueueOptions, queueOptions } from './queue-options.ts'
import { type QueueTable, queueTable } from './queue-table.ts'

/** One function per command. Those that write must run inside a transaction. */
export type Handlers = {
  readonly [Verb in SqlVerb]: (request: SqlCommands[Verb]['request']) => SqlCommands[Verb]['result']
}

/** The tables, as commands and background work use them. */
export interface Tables {
  readonly queues: QueueTable
  readonly messages: MessageTable
  readonly bindings: SharedBindings
  readonly queueOptions: QueueOptions
  readonly consumers: ConsumerTable
  readonly items: ItemTable
}

/** A session as the tables know it. */
export interface Holder {
  readonly id: number
  readonly leaseMs: number
}

export function openTables(database: DatabaseSync, names: TableNames, holder: Holder): Tables {
  const queues = queueTable(database, names)
  return {
    queues,
    messages: messageTable({ database, names, queues, holderId: holder.id }),
    bindings: sharedBindings(database, names),
    queueOptions: queueOptions(database, names, holder),
    consumers: consumerTable(database, names, holder.id),
    items: itemTable(database, names),
  }
}

export function handlers(tables: Tables): Handlers {
  const { messages } = tables
  return {
    put(request) {
      for (const message of request) messages.put(message)
    },
    putRouted: (request) => putRouted(tables, request),
    take: (request) => messages.take(request),
    settle: (request) => request.map((settlement) => messages.settle(settlement)),
    ...queueHandlers(tables),
    ...bindingHandlers(tables.bindings),
    ...itemHandlers(tables.items),
  }
}

function putRouted(tables: Tables, { bindingVersion, messages }: RoutedRequest): boolean {
  if (tables.bindings.version() !== bindingVersion) return false
  for (const { queues, payload, priority } of messages) {
    for (const queue of queues) tables.messages.put({ queue, payload, priority })
  }
  return true
}

type QueueVerb =
  | 'declareQueue'
  | 'ownsQueue'
  | 'joinQueue'
  | 'leaveQueue'
  | 'inspectQueue'
  | 'purgeQueue'
  | 'deleteQueue'

function queueHandlers(tables: Tables): Pick<Handlers, QueueVerb> {
  const { queues, messages, queueOptions: options } = tables
  return {
    declareQueue(request) {
      const queueId = queues.findOrCreate(request.queue)
      options.declare(queueId, request)
      return messages.countWaiting(queueId)
    },
    ownsQueue: (queue) => options.isOurs(queue),
    joinQueue(queue) {
      tables.consumers.join(queue)
    },
    leaveQueue: (request) => leaveQueue(tables, request),
    inspectQueue(queue) {
      const queueId = queues.find(queue)
      return queueId === undefined ? undefined : messages.countWaiting(queueId)
    },
    purgeQueue(queue) {
      const queueId = queues.find(queue)
      return queueId === undefined ? 0 : messages.purge(queueId)
    },
    deleteQueue: (queue) => deleteQueue(tables, queue),
  }
}

type BindingVerb =
  | 'bind'
  | 'unbind'
  | 'lookup'
  | 'declareExchange'
  | 'exchangeType'
  | 'removeExchange'
  | 'unbindQueue'

function bindingHandlers(bindings: SharedBindings): Pick<Handlers, BindingVerb> {
  return {
    bind(request) {
      bindings.bind(request)
    },
    unbind(request) {
      bindings.unbind(request)
    },
    lookup: (request) => bindings.lookup(request),
    declareExchange({ name, type }) {
      bindings.declareExchange(name, type)
    },
    exchangeType: (request) => bindings.exchangeType(request),
    removeExchange(request) {
      bindings.removeExchange(request)
    },
    unbindQueue(request) {
      bindings.unbindQueue(request)
    },
  }
}

type ItemVerb = 'pushItem' | 'popItem' | 'countItems' | 'clearItems'

function itemHandlers(items: ItemTable): Pick<Handlers, ItemVerb> {
  return {
    pushItem(request) {
      items.push(request)
    },
    popItem: (request) => items.pop(request),
    countItems: (request) => items.count(request),
    clearItems(request) {
      items.clear(request)
    },
  }
}

/** @returns whether the queue went with its last consumer. */
function leaveQueue(tables: Tables, { queue, deleteIfLast }: LeaveRequest): boolean {
  tables.consumers.leave(queue)
  if (!deleteIfLast || tables.consumers.isConsumed(queue)) return false
  deleteQueue(tables, queue)
  return true
}

/** Deletes a queue with its messages, leases and bindings. @returns messages that went with it. */
export function deleteQueue(tables: Tables, queue: string): number {
  const queueId = tables.queues.find(queue)
  tables.bindings.removeQueue(queue)
  if (queueId === undefined) return 0
  const removed = tables.messages.removeAll(queueId)
  tables.queueOptions.remove(queueId)
  tables.queues.remove(queueId)
  return removed
}
