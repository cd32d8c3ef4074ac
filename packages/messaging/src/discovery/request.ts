/**
 * Requests and answers between a registry and workers. Pure.
 *
 * Request: to `<exchange>.requests` by worker id; `correlation_id` names it, `reply_to` is the routing key of its answer, header
 * `capability` says what is wanted, the body is the argument. Answer: to `<exchange>.answers`, same `correlation_id`, header
 * `status`; the body is the result, for `error` `{ type, message }`, for `refused` nothing.
 */
import { DecodeError } from '../errors.ts'
import type { Message } from '../message/message.ts'

/** A request as a worker reads it. */
export interface WorkerRequest {
  readonly id: string
  readonly capability: string
  readonly replyTo: string
}

/** How a request went. `refused`: not begun, and never will be. */
export type AnswerStatus = 'ok' | 'error' | 'refused'

/** An answer as the caller reads it; `body` undecoded until asked. */
export interface WorkerAnswer {
  readonly status: AnswerStatus
  readonly message: Message
}

/** Body of an answer that is an error. */
export interface AnswerError {
  readonly type: string
  readonly message: string
}

/** @throws {DecodeError} `NOT_DECODABLE`: it is no request. */
export function readRequest(message: Message): WorkerRequest {
  const { correlationId, replyTo } = message.properties
  const { capability } = message.headers
  if (typeof correlationId !== 'string' || typeof replyTo !== 'string')
    throw noRequest('needs the properties correlation_id and reply_to')
  if (typeof capability !== 'string') throw noRequest('needs the header "capability"')
  return { id: correlationId, capability, replyTo }
}

/** @returns `undefined` when it is no answer. */
export function readAnswer(message: Message): WorkerAnswer | undefined {
  const { status } = message.headers
  if (status !== 'ok' && status !== 'error' && status !== 'refused') return undefined
  return { status, message }
}

/** An error as it travels. */
export function answerError(error: unknown): AnswerError {
  return error instanceof Error
    ? { type: error.name, message: error.message }
    : { type: 'Error', message: String(error) }
}

/** What the body of an error answer says, whoever wrote it. */
export function readAnswerError(body: unknown): AnswerError {
  if (typeof body !== 'object' || body === null) return { type: 'Error', message: String(body) }
  const { type, message } = body as Readonly<Record<string, unknown>> // an object, checked above
  return {
    type: typeof type === 'string' ? type : 'Error',
    message: typeof message === 'string' ? message : JSON.stringify(body),
  }
}

function noRequest(lack: string): DecodeError {
  return new DecodeError(
    'NOT_DECODABLE',
    `A message to a worker is no request: it ${lack}. Send requests with registry.dispatch()`,
  )
}
