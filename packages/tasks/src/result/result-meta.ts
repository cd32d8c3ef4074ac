/** The states that Celery knows, and any other text that a task gives itself. */
export type TaskState =
  | 'PENDING'
  | 'RECEIVED'
  | 'STARTED'
  | 'SUCCESS'
  | 'FAILURE'
  | 'RETRY'
  | 'REVOKED'
  | 'REJECTED'
  | 'IGNORED'
  | (string & {})

/** Nothing follows these. */
export const readyStates: ReadonlySet<TaskState> = new Set(['SUCCESS', 'FAILURE', 'REVOKED'])

/** Their result is an exception. */
export const exceptionStates: ReadonlySet<TaskState> = new Set(['RETRY', 'FAILURE', 'REVOKED'])

/**
 * What is known of one task's outcome, in Celery's own names and values, so that a store writes it as it is.
 *
 * Source: celery/backends/base.py, `Backend._get_result_meta()`.
 */
export interface ResultMeta {
  readonly status: TaskState
  /** The value; an encoded exception (`exc_type`, `exc_message`, `exc_module`) in an exception state. */
  readonly result: unknown
  readonly traceback: string | null
  /** Results of what the task sent: `[[id, parent], null]` each. */
  readonly children: readonly unknown[] | null
  /** ISO 8601 in UTC with offset; null while it is not ready. */
  readonly date_done: string | null
  readonly group_id?: string
  readonly parent_id?: string
  // Present with `resultExtended`:
  readonly name?: string | null
  readonly args?: readonly unknown[] | null
  readonly kwargs?: Readonly<Record<string, unknown>> | null
  readonly worker?: string | null
  readonly retries?: number | null
  readonly queue?: string | null
  readonly stamped_headers?: readonly string[]
  readonly task_id: string
}
