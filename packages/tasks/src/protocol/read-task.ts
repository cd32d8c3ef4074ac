import type { Message } from '@dashi/messaging'
import { InvalidTaskError } from '../errors.ts'
import { checkRequest } from './check-request.ts'
import { MessageRequest } from './message-request.ts'
import { MalformedError, requestParts } from './request-parts.ts'
import type { TaskRequest } from './task-request.ts'

/**
 * The task that a message calls: protocol 2, protocol 1, and the hybrid of both. What must hold for the task to run is
 * checked here; everything else is read when it is asked for.
 *
 * @param timezone IANA name of what "local" means to protocol 1 messages that say `utc: false`. All other dates without an
 *   offset are UTC, as for Celery. Default UTC.
 * @throws {InvalidTaskError} what is wrong with which task: an unreadable body, a content type that is not accepted, no id, a
 *   body of another shape, bad dates or limits. `taskId` and `taskName` are set where the message tells them. `cause` is the codec's error, if
 *   that is the reason.
 */
export function readTask(message: Message, timezone = 'UTC'): TaskRequest {
  try {
    const parts = requestParts(message.headers ?? {}, message.payload)
    const times = checkRequest(parts, timezone)
    return new MessageRequest({ parts, times, properties: message.properties ?? {} })
  } catch (error) {
    throw invalidTask(message, error)
  }
}

function invalidTask(message: Message, error: unknown): InvalidTaskError {
  const { id, task } = namesOf(message, error)
  const name = `${task ?? 'of unknown name'}[${id ?? 'no id'}]`
  const reason = error instanceof Error ? error.message : String(error)
  return new InvalidTaskError(`Task ${name} cannot be run: ${reason}`, {
    taskId: id,
    taskName: task,
    ...(error instanceof MalformedError ? {} : { cause: error }),
  })
}

interface Names {
  readonly id?: string | undefined
  readonly task?: string | undefined
}

/** From the headers, else from a protocol 1 body. */
function namesOf(message: Message, error: unknown): Names {
  const headers = message.headers ?? {}
  if (headers['task'] !== undefined || headers['id'] !== undefined) return textsOf(headers)
  const isReadable = error instanceof MalformedError
  return isReadable && typeof message.payload === 'object' ? textsOf(message.payload ?? {}) : {}
}

function textsOf({ id, task }: { readonly id?: unknown; readonly task?: unknown }): Names {
  return {
    id: typeof id === 'string' && id !== '' ? id : undefined,
    task: typeof task === 'string' && task !== '' ? task : undefined,
  }
}
