import type { WaitOptions } from './ready-wait.ts'

/** A result as it travels: `[[id, parent], children]`, children being null for a task. Celery's `as_tuple()`. */
export type ResultTuple = readonly [
  head: readonly [id: string, parent: ResultTuple | null],
  children: readonly ResultTuple[] | null,
]

/** How to wait for a result, and what then. */
export interface GetOptions extends WaitOptions {
  /** Throw what the task threw; otherwise it is returned. Default true. */
  readonly propagate?: boolean
  /** Reject as soon as a task that this one follows has failed. Default true. */
  readonly followParents?: boolean
  /** Refuse to wait inside of a task, which can stop all workers for ever. Default true. */
  readonly disableSyncSubtasks?: boolean
}

/** One result, or those of a group: a node of the graph that workflows make. */
export interface ResultNode {
  readonly id: string
  readonly parent: ResultNode | undefined
  get(options?: GetOptions): Promise<unknown>
  ready(): Promise<boolean>
  successful(): Promise<boolean>
  failed(): Promise<boolean>
  forget(): Promise<void>
  children(): Promise<readonly ResultNode[]>
  asTuple(): ResultTuple
  /** Ids of all that it stands for, itself first. */
  asList(): readonly string[]
  /** Rejects with the error of what failed; pending for ever when nothing does. @internal */
  failure(signal: AbortSignal): Promise<never>
}

/** Whether a value is a result as it travels, or the bare id with which Celery once wrote its head. */
export function isResultTuple(value: unknown): value is ResultTuple {
  if (!Array.isArray(value) || value.length !== 2) return false
  const [head, children] = value
  const isHead = typeof head === 'string' || (Array.isArray(head) && typeof head[0] === 'string')
  return isHead && (children === null || Array.isArray(children))
}
