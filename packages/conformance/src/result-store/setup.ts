import type { Connection } from '@dashi/messaging'
import type { ResultMeta, ResultStore } from '@dashi/tasks/results'

/** A result store to test, and what the suite needs to know of it. */
export interface ResultStoreSetup {
  readonly name: string
  /** A new value each time, all for the same place. */
  create(): ResultStore
  /** A connection for a session; the suite closes it. Default: one that nobody may use. */
  connect?(): Connection
  /** Whether any session can load what was stored, or only the client that made the call. Default `anybody`. */
  readonly readers?: 'anybody' | 'caller'
  /** Whether groups can be kept. Default true. */
  readonly groups?: boolean
  /** How expired results go: by themselves, by `cleanup()`, or with their client. */
  readonly expiry: 'itself' | 'cleanup' | 'never'
  /** What its records have no place for. Default nothing. */
  readonly lost?: readonly (keyof ResultMeta)[]
  /** Puts bytes that are no result where that of a task belongs. */
  putForeign?(taskId: string): Promise<void>
  /** Breaks every connection to the store. Resolves when they are broken. */
  cutConnections?(): Promise<void>
}
