/** One request to RabbitMQ's management API, and its errors. */
import {
  ChannelError,
  ConnectionError,
  type MessagingErrorCode,
  type OperationOptions,
  reasonOf,
  TimeoutError,
} from '@dashi/messaging/transport'

/** Where the API is, and who asks. */
export interface ManagementPlace {
  /** Without user and path, e.g. `http://localhost:15672`. */
  readonly origin: string
  readonly authorization: string
  readonly timeoutMs: number
}

/** What is asked. */
export interface ManagementRequest extends OperationOptions {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE'
  /** Behind `/api/`; parts are encoded here. */
  readonly path: readonly string[]
  readonly query?: string | undefined
  readonly body?: object | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/**
 * @returns the answer's JSON, `undefined` where there is none.
 * @throws {ConnectionError} nobody answers, or not to us; {ChannelError} what was asked cannot be done; {TimeoutError}.
 */
export async function ask(place: ManagementPlace, request: ManagementRequest): Promise<unknown> {
  const response = await send(place, request)
  const text = await response.text()
  if (!response.ok) throw refused(place, request, { status: response.status, text })
  return text === '' ? undefined : JSON.parse(text)
}

async function send(place: ManagementPlace, request: ManagementRequest): Promise<Response> {
  const { method, path, query, body, signal, headers } = request
  const url = `${place.origin}/api/${path.map(encodeURIComponent).join('/')}${query ? `?${query}` : ''}`
  const timeout = AbortSignal.timeout(place.timeoutMs)
  try {
    return await fetch(url, {
      method,
      headers: {
        authorization: place.authorization,
        'content-type': 'application/json',
        ...headers,
      },
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  } catch (error) {
    signal?.throwIfAborted()
    throw timeout.aborted ? late(place, request, error) : unreachable(place, error)
  }
}

interface Answer {
  readonly status: number
  readonly text: string
}

const codes: Readonly<Record<number, MessagingErrorCode>> = {
  400: 'PRECONDITION_FAILED',
  403: 'ACCESS_REFUSED',
  404: 'NOT_FOUND',
}

function refused(
  place: ManagementPlace,
  request: ManagementRequest,
  { status, text }: Answer,
): ConnectionError | ChannelError {
  const said = `RabbitMQ's management API answered ${status} ${reasonIn(text)}`
  if (status === 401) {
    const message = `Cannot use the management API at ${place.origin}: ${said}. Check user and password, and that the user has the tag "management"`
    return new ConnectionError('ACCESS_REFUSED', message)
  }
  return new ChannelError(codes[status] ?? 'REFUSED', `Cannot ${doing(request)}: ${said}`)
}

/** Its errors are JSON with `error` and `reason`; proxies answer with pages. */
function reasonIn(text: string): string {
  try {
    const { error, reason }: { error?: unknown; reason?: unknown } = JSON.parse(text)
    return [error, reason].filter((part) => part !== undefined).join(': ')
  } catch {
    // Not its own words, then: the status has to do.
    return ''
  }
}

function late(place: ManagementPlace, request: ManagementRequest, cause: unknown): TimeoutError {
  return new TimeoutError(
    `Cannot ${doing(request)}: the management API at ${place.origin} did not answer within ${place.timeoutMs} ms`,
    { cause },
  )
}

function unreachable(place: ManagementPlace, cause: unknown): ConnectionError {
  const inner = cause instanceof Error ? (cause.cause ?? cause) : cause
  return new ConnectionError(
    'CONNECTION_REFUSED',
    `Cannot reach RabbitMQ's management API at ${place.origin}: ${reasonOf(inner)}. Check host and port (15672), and that the plugin rabbitmq_management is enabled`,
    { cause },
  )
}

function doing({ method, path }: ManagementRequest): string {
  return `${method} ${path.join('/')}`
}
