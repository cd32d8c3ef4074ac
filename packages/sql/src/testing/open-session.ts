import type { ConnectOptions, MessagingError, StoreSession } from '@dashi/messaging/transport'
import type { SqlSession } from '../sql-session.ts'
import { type SqliteOptions, sqliteSettings } from '../sqlite-options.ts'
import { sqliteStore } from '../sqlite-store.ts'

/** A session that closes with its scope, and what it reported. */
export type TestSession = SqlSession & AsyncDisposable & { readonly notices: MessagingError[] }

export async function openSession(
  options: SqliteOptions,
  connectOptions: Partial<ConnectOptions> = {},
): Promise<TestSession> {
  const notices: MessagingError[] = []
  const report = (notice: MessagingError) => void notices.push(notice)
  const all = { publishTimeoutMs: 30_000, report, ...connectOptions }
  const session: StoreSession = await sqliteStore(sqliteSettings(options)).open(all)
  const dispose = () => session.close()
  // The store makes no other sessions.
  return Object.assign(session as SqlSession, { [Symbol.asyncDispose]: dispose, notices })
}
