import type { SqlCommand, SqlVerb, WaitRequest } from '../sql-database.ts'
import type { TableNames } from '../table-names.ts'
import { type ConnectionSettings, SqliteConnection } from './connection.ts'
import { type Handlers, handlers, openTables, type Tables } from './handlers.ts'
import { type HiddenRowsPolicy, hiddenRows } from './hidden-rows.ts'
import { HolderGoneError } from './holder-gone-error.ts'
import { type HolderTable, holderTable } from './holder-table.ts'
import { createSchema } from './schema.ts'
import { Sweeper } from './sweeper.ts'

/** Everything that an engine has to know. Can be sent to a thread. */
export interface EngineSettings extends ConnectionSettings {
  readonly names: TableNames
  readonly leaseMs: number
  readonly hiddenRows: HiddenRowsPolicy | undefined
}

const readingVerbs: ReadonlySet<SqlVerb> = new Set([
  'ownsQueue',
  'inspectQueue',
  'lookup',
  'exchangeType',
  'countItems',
])

/** What these write is not promised to anybody: undone, it means that messages are delivered again. */
const unconfirmedVerbs: ReadonlySet<SqlVerb> = new Set([
  'take',
  'settle',
  'popItem',
  ...readingVerbs,
])

const showingVerbs: ReadonlySet<SqlVerb> = new Set(['put', 'putRouted', 'settle', 'pushItem'])

/**
 * The transport's work on one file, synchronously, on behalf of one session.
 *
 * Blocks its thread while it waits for the disk or for other processes.
 */
export class SqliteEngine {
  readonly connection: SqliteConnection
  readonly #settings: EngineSettings
  readonly #holders: HolderTable
  readonly #holderId: number
  readonly #tables: Tables
  readonly #handlers: Handlers
  readonly #sweeper: Sweeper
  #usedQueues = new Set<string>()

  /** @throws SQLite's error; {ForeignSchemaError}. */
  constructor(settings: EngineSettings) {
    this.#settings = settings
    const connection = new SqliteConnection(settings)
    const { database } = connection
    const { names, leaseMs } = settings
    this.connection = connection
    try {
      connection.write(true, () => createSchema(database, names))
      const holders = holderTable(database, names)
      const holderId = connection.write(false, () => holders.add(leaseMs))
      const tables = openTables(database, names, { id: holderId, leaseMs })
      const policy = settings.hiddenRows && hiddenRows(connection, names, settings.hiddenRows)
      this.#holders = holders
      this.#holderId = holderId
      this.#tables = tables
      this.#handlers = handlers(tables)
      this.#sweeper = new Sweeper({ connection, tables, holders, hiddenRows: policy, holderId })
    } catch (error) {
      connection.close()
      throw error
    }
  }

  /**
   * Carries out commands in order, all or none.
   *
   * @returns the result of each.
   * @throws SQLite's error; {HolderGoneError}.
   */
  execute(commands: readonly SqlCommand[]): readonly unknown[] {
    this.#tables.queues.forget()
    if (commands.every((command) => this.#needsNoLock(command))) {
      return commands.map((command) => this.connection.read(() => this.#read(command)))
    }
    const isConfirming = commands.some(({ verb }) => !unconfirmedVerbs.has(verb))
    return this.connection.write(isConfirming, () => {
      this.#tables.queues.forget()
      if (commands.some(({ verb }) => verb === 'take')) this.#requireHolder()
      return commands.map((command) => this.#run(command))
    })
  }

  /** Reads, and looking for something where there is nothing. */
  #needsNoLock({ verb, request }: SqlCommand): boolean {
    if (verb === 'take') return !this.hasWaiting({ of: 'messages', queues: request.queues })
    if (verb === 'popItem') return !this.hasWaiting({ of: 'items', queues: [request.queue] })
    return readingVerbs.has(verb)
  }

  /** Outside a transaction nothing is taken, also if something has come since the look for it. */
  #read(command: SqlCommand): unknown {
    if (command.verb === 'take') return []
    return command.verb === 'popItem' ? undefined : this.#run(command)
  }

  #run(command: SqlCommand): unknown {
    // The pair is consistent in SqlCommand, which TypeScript cannot see through an indexed call.
    const handler = this.#handlers[command.verb] as (request: SqlCommand['request']) => unknown
    return handler(command.request)
  }

  /** A lease of a holder that is gone would never be given back. */
  #requireHolder(): void {
    if (!this.#holders.exists(this.#holderId)) throw new HolderGoneError()
  }

  hasWaiting({ of, queues }: WaitRequest): boolean {
    const { messages, items } = this.#tables
    if (of === 'items') return this.connection.read(() => items.hasItem(queues))
    for (const queue of queues) this.#usedQueues.add(queue)
    return this.connection.read(() => messages.hasWaiting(queues))
  }

  /** @throws {HolderGoneError} the lease ran out; everything held has been given back. */
  renew(): void {
    const { leaseMs } = this.#settings
    this.connection.write(false, () => {
      if (!this.#holders.renew(this.#holderId, leaseMs)) throw new HolderGoneError()
    })
  }

  /**
   * One round of cleaning up after the dead.
   *
   * @param waits What is being waited for, and so in use.
   * @returns whether messages became visible.
   */
  sweep(waits: Iterable<WaitRequest>): boolean {
    const used = this.#usedQueues
    for (const { of, queues } of waits) {
      if (of === 'messages') for (const queue of queues) used.add(queue)
    }
    this.#usedQueues = new Set()
    return this.#sweeper.sweep(used)
  }

  /** Gives everything back that is still held. */
  giveBack(): void {
    this.connection.write(false, () => this.#sweeper.bury(this.#holderId))
  }

  /** Lets go of the file. */
  close(): void {
    this.connection.close()
  }
}

/** True when these commands may have made messages visible. */
export function mayShowMessages(commands: readonly SqlCommand[]): boolean {
  return commands.some(({ verb }) => showingVerbs.has(verb))
}
