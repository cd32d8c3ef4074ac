import { TaskError } from '../errors.ts'
import { resultFromTuple } from './async-result.ts'
import { GroupResult } from './group-result.ts'
import type { ResultSession } from './result-store.ts'

/**
 * A group that was saved, here or by Python; `undefined`: the store knows none of that id. Celery's `GroupResult.restore()`.
 *
 * @throws {TaskError} `RESULT_STORE_FAILED`: something else is stored under that id; what the store says.
 */
export async function restoreGroup<T = unknown>(
  id: string,
  session: ResultSession,
): Promise<GroupResult<T> | undefined> {
  const saved = await session.loadGroup(id)
  if (saved === undefined || saved === null) return undefined
  const restored = resultFromTuple(saved, session)
  if (restored instanceof GroupResult) return restored
  throw new TaskError(
    'RESULT_STORE_FAILED',
    `What is stored as group ${id} is the result of one task`,
  )
}
