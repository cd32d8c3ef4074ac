import { resolve } from 'node:path'
import type {
  BrokerAddress,
  Capabilities,
  ConnectOptions,
  QueueStore,
  StoreSession,
} from '@dashi/messaging/transport'
import { SqlSession } from './sql-session.ts'
import { SqliteThread } from './sqlite/sqlite-thread.ts'
import type { SqliteSettings } from './sqlite-options.ts'
import { tableNames } from './table-names.ts'

const capabilities: Capabilities = Object.freeze({
  exchangeTypes: Object.freeze(['direct', 'fanout', 'topic', 'headers'] as const),
  exchangeBindings: false,
  priorities: 'high-first',
  messageTtl: true,
  deadLetters: true,
  leases: true,
  sharedBindings: true,
  durability: 'broker',
  requeue: 'last',
  heartbeats: false,
})

/** Queues in a SQLite file. A value: the file is opened, or created, by `open()`. */
export function sqliteStore(settings: SqliteSettings): QueueStore {
  const path = resolve(settings.path)
  return {
    name: 'sqlite',
    capabilities,
    address: addressOf(path),
    maxPayloadBytes: settings.maxPayloadBytes,
    async open(connectOptions: ConnectOptions): Promise<StoreSession> {
      const { leaseMs, lockTimeoutMs, pollIntervalMs, synchronous, hiddenRows } = settings
      const names = tableNames(settings.queueTablename, settings.messageTablename)
      const options = { leaseMs, lockTimeoutMs, pollIntervalMs, synchronous, hiddenRows }
      return new SqlSession(await SqliteThread.open({ path, names, ...options }, connectOptions))
    },
  }
}

/** The file stands where a server has its virtual host. */
function addressOf(path: string): BrokerAddress {
  return {
    scheme: 'sqla+sqlite',
    hostname: undefined,
    port: undefined,
    userid: undefined,
    password: undefined,
    virtualHost: path,
  }
}
