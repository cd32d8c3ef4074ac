import type {
  BindingTable,
  Lease,
  LeaveOptions,
  MessagingError,
  RoutableMessage,
  Settlement,
  StoredBinding,
  StoredMessage,
  StoreSession,
  TakeRequest,
} from '@dashi/messaging/transport'
import type { SqlDatabase } from './sql-database.ts'
import { StoreRouter } from './store-router.ts'

/** Bindings that every process on the database sees. */
class SqlBindingTable implements BindingTable {
  readonly #database: SqlDatabase

  constructor(database: SqlDatabase) {
    this.#database = database
  }

  bind(binding: StoredBinding): Promise<void> {
    return this.#database.execute('bind', binding)
  }

  unbind(binding: StoredBinding): Promise<void> {
    return this.#database.execute('unbind', binding)
  }

  async lookup(exchange: string): Promise<readonly StoredBinding[]> {
    const { bindings } = await this.#database.execute('lookup', exchange)
    return bindings
  }

  declareExchange(name: string, type: string): Promise<void> {
    return this.#database.execute('declareExchange', { name, type })
  }

  exchangeType(name: string): Promise<string | undefined> {
    return this.#database.execute('exchangeType', name)
  }

  removeExchange(name: string): Promise<void> {
    return this.#database.execute('removeExchange', name)
  }

  removeQueue(queue: string, exchanges: readonly string[]): Promise<void> {
    return this.#database.execute('unbindQueue', { queue, exchanges })
  }
}

/** The queue store's conversation with a SQL database, whichever it is. */
export class SqlSession implements StoreSession {
  readonly #database: SqlDatabase
  readonly #router: StoreRouter
  readonly bindings: BindingTable

  constructor(database: SqlDatabase) {
    this.#database = database
    this.#router = new StoreRouter(database)
    this.bindings = new SqlBindingTable(database)
  }

  get closed(): Promise<MessagingError | undefined> {
    return this.#database.closed
  }

  /** @param options `exclusive`: the queue is deleted when this session ends, or dies. */
  declareQueue(
    queue: string,
    queueArguments: Readonly<Record<string, unknown>>,
    options: { readonly exclusive?: boolean } = {},
  ): Promise<number> {
    const { exclusive = false } = options
    return this.#database.execute('declareQueue', { queue, queueArguments, exclusive })
  }

  ownsQueue(queue: string): Promise<boolean> {
    return this.#database.execute('ownsQueue', queue)
  }

  joinQueue(queue: string): Promise<void> {
    return this.#database.execute('joinQueue', queue)
  }

  leaveQueue(queue: string, { deleteIfLast }: LeaveOptions): Promise<boolean> {
    return this.#database.execute('leaveQueue', { queue, deleteIfLast })
  }

  inspectQueue(queue: string): Promise<number | undefined> {
    return this.#database.execute('inspectQueue', queue)
  }

  purgeQueue(queue: string): Promise<number> {
    return this.#database.execute('purgeQueue', queue)
  }

  deleteQueue(queue: string): Promise<number> {
    return this.#database.execute('deleteQueue', queue)
  }

  put(messages: readonly StoredMessage[]): Promise<void> {
    return this.#database.execute('put', messages)
  }

  route(messages: readonly RoutableMessage[]): Promise<readonly number[]> {
    return this.#router.route(messages)
  }

  take(request: TakeRequest): Promise<readonly Lease[]> {
    return this.#database.execute('take', request)
  }

  wait(queues: readonly string[], signal: AbortSignal): Promise<void> {
    return this.#database.wait({ of: 'messages', queues }, signal)
  }

  settle(settlements: readonly Settlement[]): Promise<readonly boolean[]> {
    return this.#database.execute('settle', settlements)
  }

  close(): Promise<void> {
    return this.#database.close()
  }

  destroy(error?: MessagingError): void {
    this.#database.destroy(error)
  }
}
