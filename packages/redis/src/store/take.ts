import { isUtf8 } from 'node:buffer'
import type { Lease, TakeRequest } from '@dashi/messaging/transport'
import { operationError } from '../errors.ts'
import type { Holder } from '../lease/holder.ts'
import { namesOf } from './put.ts'
import { takeScript } from './scripts/take.ts'
import type { Wire } from './wire.ts'

/** More at once would exceed what Lua passes to a command. */
const maxLimit = 1_000

/**
 * Takes messages, and leases them to the holder in the same atomic step.
 *
 * @throws {LeaseLostError} the holder's lease has ended. Nothing was taken.
 */
export async function take(
  wire: Wire,
  holder: Holder,
  request: TakeRequest,
): Promise<readonly Lease[]> {
  const { queues, noAck } = request
  const limit = Math.min(request.limit, maxLimit)
  if (queues.length === 0 || limit <= 0) return []
  if (!noAck) await holder.register()
  const first = noAck ? 0 : holder.nextNumbers(limit)
  try {
    const taken = await runTake(wire, { queues, limit, first, holder: noAck ? '' : holder.id })
    const leases = toLeases(taken, queues, (index) => (noAck ? '' : holder.token(first + index)))
    if (!noAck) await hideUnreadable(wire, leases)
    return leases
  } catch (error) {
    throw operationError(error, `take from ${namesOf(queues.map((queue) => ({ queue })))}`)
  }
}

type Taken = readonly (number | Buffer)[]

interface TakeArguments {
  readonly queues: readonly string[]
  readonly limit: number
  readonly first: number
  readonly holder: string
}

function runTake({ client, keys }: Wire, request: TakeArguments): Promise<Taken> {
  const { queues, limit, first, holder } = request
  const names = queues.map((queue) => JSON.stringify(queue))
  return client.runForBytes<Taken>(
    takeScript,
    [keys.unacked, keys.unackedIndex, keys.holders, ...keys.interleaved(queues)],
    [holder, String(first), String(limit), String(queues.length), ...names],
  )
}

function toLeases(
  taken: Taken,
  queues: readonly string[],
  tokenOf: (index: number) => string,
): readonly Lease[] {
  const leases: Lease[] = []
  for (let at = 0; at < taken.length; at += 2) {
    const queue = queues[Number(taken[at])]
    const payload = taken[at + 1]
    if (queue === undefined || !(payload instanceof Buffer)) continue
    leases.push({ queue, payload, token: tokenOf(at / 2) })
  }
  return leases
}

/**
 * Keeps what is no UTF-8 out of reach of Kombu's restore, which would fail on it.
 *
 * Such an item is foreign to begin with, and is quarantined in a moment.
 */
async function hideUnreadable({ client, keys }: Wire, leases: readonly Lease[]): Promise<void> {
  const hidden: string[] = []
  for (const { payload, token } of leases) {
    if (typeof payload !== 'string' && !isUtf8(payload)) hidden.push('+inf', token)
  }
  if (hidden.length > 0) await client.send(['ZADD', keys.unackedIndex, 'XX', ...hidden])
}
