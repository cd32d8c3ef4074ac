import { json, MessagingError } from '@dashi/messaging'
import type { TaskEmbed, TaskRequest } from './task-request.ts'

/** A request as plain data, for structured clone and the IPC of child processes (`serialization: 'advanced'`). */
export interface RequestData {
  /** Everything but the body. */
  readonly fields: Omit<TaskRequest, 'args' | 'kwargs' | 'embed'>
  /**
   * `[args, kwargs, embed]`: as JSON text with Kombu's tags, which keeps decimals, dates and UUIDs; as it is where JSON has no
   * form for it.
   */
  readonly body: string | RequestBody
}

type RequestBody = readonly [
  args: readonly unknown[],
  kwargs: Readonly<Record<string, unknown>>,
  embed: TaskEmbed,
]

/** A request, to be sent to another thread or process. */
export function requestData(request: TaskRequest): RequestData {
  return { fields: fieldsOf(request), body: bodyOf(request) }
}

/** The request again. Its body is read when it is asked for. */
export function requestFromData({ fields, body }: RequestData): TaskRequest {
  let read: RequestBody | undefined = typeof body === 'string' ? undefined : body
  function part<Index extends 0 | 1 | 2>(index: Index): RequestBody[Index] {
    // Written by requestData().
    read ??= json.parse(body as string) as RequestBody
    return read[index]
  }
  return {
    ...fields,
    get args() {
      return part(0)
    },
    get kwargs() {
      return part(1)
    },
    get embed() {
      return part(2)
    },
  }
}

function bodyOf({ args, kwargs, embed }: TaskRequest): string | RequestBody {
  const body: RequestBody = [args, kwargs, embed]
  try {
    return json.encode(body)
  } catch (error) {
    if (MessagingError.is(error)) return body
    throw error
  }
}

function fieldsOf(request: TaskRequest): RequestData['fields'] {
  return {
    id: request.id,
    task: request.task,
    retries: request.retries,
    etaMs: request.etaMs,
    expiresMs: request.expiresMs,
    timeLimitMs: request.timeLimitMs,
    rootId: request.rootId,
    parentId: request.parentId,
    groupId: request.groupId,
    groupIndex: request.groupIndex,
    shadow: request.shadow,
    argsrepr: request.argsrepr,
    kwargsrepr: request.kwargsrepr,
    origin: request.origin,
    lang: request.lang,
    ignoreResult: request.ignoreResult,
    replacedTaskNesting: request.replacedTaskNesting,
    stampedHeaders: request.stampedHeaders,
    stamps: request.stamps,
    headers: request.headers,
    replyTo: request.replyTo,
    correlationId: request.correlationId,
    protocol: request.protocol,
  }
}
