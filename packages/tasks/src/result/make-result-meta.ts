import { writeIsoDate } from '../protocol/iso-date.ts'
import { type ResultMeta, readyStates, type TaskState } from './result-meta.ts'

/** What is known of a task's outcome, in our words. */
export interface ResultMetaParts {
  readonly taskId: string
  readonly status: TaskState
  /** The value; in an exception state what `encodeException()` made. */
  readonly result: unknown
  readonly traceback?: string | null | undefined
  /** Result tuples of what the task sent. Default none. */
  readonly children?: readonly unknown[] | null | undefined
  readonly groupId?: string | undefined
  readonly parentId?: string | undefined
  /** All about the call, with `resultExtended`. */
  readonly extended?: ExtendedMeta | undefined
  /** When it was done, Unix milliseconds. Default now. */
  readonly doneMs?: number
}

/** What `resultExtended` adds. `queue` is really the routing key: so does Celery. */
export interface ExtendedMeta {
  readonly name: string | null
  readonly args: readonly unknown[] | null
  readonly kwargs: Readonly<Record<string, unknown>> | null
  readonly worker: string | null
  readonly retries: number | null
  readonly queue: string | null
  readonly stampedHeaders?: readonly string[]
  readonly stamps?: Readonly<Record<string, unknown>>
}

/**
 * The meta of a task as a store keeps it, with Celery's keys in Celery's order. `date_done` is set in a ready state, and null
 * before.
 *
 * @see celery/backends/base.py, Backend._get_result_meta
 */
export function resultMeta(parts: ResultMetaParts): ResultMeta {
  const { status, result, traceback, children, groupId, parentId, extended } = parts
  return {
    status,
    result: result === undefined ? null : result,
    traceback: traceback ?? null,
    children: children === undefined ? [] : children,
    date_done: readyStates.has(status) ? writeIsoDate(parts.doneMs ?? Date.now()) : null,
    ...(groupId !== undefined && { group_id: groupId }),
    ...(parentId !== undefined && { parent_id: parentId }),
    ...(extended !== undefined && extendedKeys(extended)),
    task_id: parts.taskId,
  }
}

function extendedKeys(extended: ExtendedMeta): Omit<ExtendedMeta, 'stampedHeaders' | 'stamps'> {
  const { name, args, kwargs, worker, retries, queue, stampedHeaders, stamps } = extended
  return {
    ...{ name, args, kwargs, worker, retries, queue },
    // Stamps are keys of the meta itself.
    ...(stampedHeaders !== undefined && { stamped_headers: stampedHeaders, ...stamps }),
  }
}
