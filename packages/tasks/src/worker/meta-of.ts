import { resultMeta } from '../result/make-result-meta.ts'
import type { ResultMeta, TaskState } from '../result/result-meta.ts'
import type { Reservation } from './reservation.ts'

/** What is new about a task. */
export interface MetaParts {
  readonly status: TaskState
  readonly result: unknown
  readonly traceback?: string | undefined
  /** Name of the worker, if the meta shall tell all about the call (`resultExtended`). */
  readonly extended: string | undefined
}

/** The meta of a reservation's task. */
export function metaOf(reservation: Reservation, parts: MetaParts): ResultMeta {
  const { request, task, message, children } = reservation
  const { status, result, traceback, extended } = parts
  return resultMeta({
    taskId: request.id,
    status,
    result,
    traceback,
    children,
    groupId: request.groupId,
    parentId: request.parentId,
    ...(extended === undefined
      ? {}
      : {
          extended: {
            name: task.name,
            args: request.args,
            kwargs: request.kwargs,
            worker: extended,
            retries: request.retries,
            queue: message.deliveryInfo.routingKey,
          },
        }),
  })
}
