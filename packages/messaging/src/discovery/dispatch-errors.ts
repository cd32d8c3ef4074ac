/** Why a call got no answer, in words. Pure. */
import { RemoteError, TimeoutError } from '../errors.ts'
import type { AnswerError } from './request.ts'
import type { DiscoveredWorker } from './worker-table.ts'

/** What an error says of a call. */
export interface FailedCall {
  readonly capability: string
  /** The last one that was tried. */
  readonly worker: DiscoveredWorker | undefined
}

/** The handler threw. */
export function failedThere(
  { capability }: FailedCall,
  worker: DiscoveredWorker,
  { type, message }: AnswerError,
): RemoteError {
  return new RemoteError(
    'REMOTE_ERROR',
    `${described(worker)} failed to do "${capability}": ${type}: ${message}`,
  )
}

/** The worker left without an answer. */
export function workerDied(
  { capability }: FailedCall,
  worker: DiscoveredWorker,
  idempotent: boolean,
): RemoteError {
  const advice = idempotent
    ? 'So had others before it: look at their logs, or raise "retries"'
    : 'It may have done the work. With { idempotent: true } the call is given to another'
  return new RemoteError(
    'NO_WORKER',
    `${lastSeen(worker)} had the call "${capability}" and left without an answer. ${advice}`,
  )
}

/** Nobody was there to take the call. */
export function noWorker(call: FailedCall, known: readonly DiscoveredWorker[]): RemoteError {
  const offered = new Set(
    known
      .filter(({ takesRequests }) => takesRequests)
      .flatMap(({ capabilities }) => [...capabilities]),
  )
  const last = call.worker ? ` The last one tried: ${lastSeen(call.worker)}.` : ''
  return new RemoteError(
    'NO_WORKER',
    `No living worker takes the call "${call.capability}".${last} ${known.length} are known; they take: ` +
      `${[...offered].join(', ') || 'nothing'}. Start one that has a handler for it`,
  )
}

/** A living worker was too slow. */
export function notInTime(
  { capability }: FailedCall,
  timeoutMs: number,
  worker: DiscoveredWorker,
): TimeoutError {
  return new TimeoutError(
    `${lastSeen(worker)} did not answer the call "${capability}" within ${timeoutMs} ms. It may still do it; ` +
      'raise "timeoutMs" if it needs longer',
  )
}

function lastSeen(worker: DiscoveredWorker): string {
  return `${described(worker)}, last seen ${worker.lastSeenAt.toISOString()},`
}

function described({ id, ip }: DiscoveredWorker): string {
  return id === ip ? `Worker "${ip}"` : `Worker "${ip}" (${id})`
}
