/** What a worker says of itself. Pure. */
import { DecodeError } from '../errors.ts'

/** A heartbeat as read. */
export interface Heartbeat {
  /** Tells workers apart. A worker that sends none is known by its `ip`. */
  readonly id: string
  /** Its address, or whatever other name it goes by. */
  readonly ip: string
  /** Unix time in seconds by the sender's clock. For people: nothing is decided by it. */
  readonly ts: number
  readonly capabilities: readonly string[]
  /** Whether it answers requests. */
  readonly takesRequests: boolean
  /** Its last words. */
  readonly isLeaving: boolean
}

/** What is written. `queue` is where requests to it go. */
export interface OutgoingHeartbeat {
  readonly id: string
  readonly ip: string
  readonly nowMs: number
  readonly capabilities: readonly string[]
  readonly queue: string | undefined
}

/**
 * Body of a heartbeat: `{ ip, ts, id, capabilities, queue? }`. Programs that know `ip` and `ts` only are served too: they are
 * first.
 */
export function heartbeatBody(beat: OutgoingHeartbeat): Readonly<Record<string, unknown>> {
  const { id, ip, nowMs, capabilities, queue } = beat
  return { ip, ts: nowMs / 1000, id, capabilities, ...(queue === undefined ? {} : { queue }) }
}

/**
 * Body of the last heartbeat: `{ ip, ts: 0, id, leaving: true }`. A registry that knows nothing of leaving sees a worker that
 * was last heard of in 1970, and drops it when it next looks.
 */
export function goodbyeBody(beat: Pick<OutgoingHeartbeat, 'id' | 'ip'>): object {
  return { ip: beat.ip, ts: 0, id: beat.id, leaving: true }
}

/** @throws {DecodeError} `NOT_DECODABLE`: it is no heartbeat. */
export function readHeartbeat(body: unknown): Heartbeat {
  if (typeof body !== 'object' || body === null) throw noHeartbeat('it is no object')
  const { ip, ts, id, capabilities, queue, leaving } = body as Readonly<Record<string, unknown>> // an object, checked above
  if (typeof ip !== 'string' || ip === '') throw noHeartbeat('its "ip" is no text')
  const names = Array.isArray(capabilities) ? capabilities : []
  return {
    ip,
    ts: typeof ts === 'number' ? ts : 0,
    id: typeof id === 'string' && id !== '' ? id : ip,
    capabilities: names.filter((name) => typeof name === 'string'),
    takesRequests: typeof queue === 'string',
    isLeaving: leaving === true,
  }
}

function noHeartbeat(reason: string): DecodeError {
  return new DecodeError(
    'NOT_DECODABLE',
    `A message to a worker registry is no heartbeat: ${reason}. It was ignored; look for its sender`,
  )
}
