/**
 * Rows that a Kombu consumer has hidden.
 *
 * Kombu hides a row when it takes it and never touches it again: a row that is being processed, one
 * that was acknowledged and one whose consumer died look the same. So nothing is done about them
 * unless the owner of the data says what they are.
 */
import type { TableNames } from '../table-names.ts'
import type { SqliteConnection } from './connection.ts'
import { localTimestamp } from './local-timestamp.ts'
import { markedPayload } from './marked-payload.ts'

/** What to do about rows hidden by Kombu, and how long after it took them. */
export interface HiddenRowsPolicy {
  /** `delete`: they were processed, free the space. `restore`: they were not, deliver them again. */
  readonly action: 'delete' | 'restore'
  readonly afterMs: number
}

/** Carries out a policy. */
export interface HiddenRows {
  /** Handles a bounded number of rows. @returns messages made visible. */
  sweep(): number
}

const rowsPerSweep = 1_000

export function hiddenRows(
  connection: SqliteConnection,
  names: TableNames,
  policy: HiddenRowsPolicy,
): HiddenRows {
  const { database } = connection
  const old = `SELECT id FROM ${names.message}
    WHERE visible = 0 AND timestamp < ? AND id NOT IN (SELECT message_id FROM ${names.lease})
    ORDER BY timestamp LIMIT ${rowsPerSweep}`
  const any = database.prepare(`SELECT EXISTS (${old}) AS any`)
  const remove = database.prepare(`DELETE FROM ${names.message} WHERE id IN (${old})`)
  const show = database.prepare(
    `UPDATE ${names.message} SET visible = 1, timestamp = NULL, payload = ${markedPayload}
     WHERE id IN (${old})`,
  )

  return {
    sweep() {
      const before = localTimestamp(new Date(Date.now() - policy.afterMs))
      if (connection.read(() => any.get(before))?.['any'] === 0) return 0
      const statement = policy.action === 'delete' ? remove : show
      const { changes } = connection.write(false, () => statement.run(before))
      return policy.action === 'restore' ? Number(changes) : 0
    },
  }
}
