import type { Settlement } from '@dashi/messaging/transport'
import type { Argument } from '../connection/client.ts'
import { operationError } from '../errors.ts'
import { namesOf } from './put.ts'
import { settleScript } from './scripts/settle.ts'
import type { Wire } from './wire.ts'

/** More at once would exceed what Lua passes to a command. */
const maxAtOnce = 1_000

/**
 * Ends leases, each only if it is still held.
 *
 * @returns per settlement whether it was.
 */
export async function settle(
  wire: Wire,
  settlements: readonly Settlement[],
): Promise<readonly boolean[]> {
  if (settlements.length <= maxAtOnce) return await settleSome(wire, settlements)
  const parts: Promise<readonly boolean[]>[] = []
  for (let at = 0; at < settlements.length; at += maxAtOnce) {
    parts.push(settleSome(wire, settlements.slice(at, at + maxAtOnce)))
  }
  return (await Promise.all(parts)).flat()
}

async function settleSome(
  wire: Wire,
  settlements: readonly Settlement[],
): Promise<readonly boolean[]> {
  const order: number[] = []
  const { lists, args } = settleArguments(wire, settlements, order)
  const { unacked, unackedIndex } = wire.keys
  try {
    const answer = await wire.client.run<1 | readonly number[]>(
      settleScript,
      [unacked, unackedIndex, ...lists],
      args,
    )
    return inOrder(answer, order)
  } catch (error) {
    throw operationError(error, `settle messages of ${namesOf(settlements)}`)
  }
}

/** @param order Filled with the position of each settlement in the answer. */
function settleArguments(wire: Wire, settlements: readonly Settlement[], order: number[]) {
  const done: string[] = []
  const putBack: Argument[] = []
  const lists = new Map<string, number>()
  const doneCount = settlements.filter(({ outcome }) => outcome === 'done').length
  for (const settlement of settlements) {
    if (settlement.outcome === 'done') {
      order.push(done.push(settlement.token) - 1)
      continue
    }
    const { token, queue, priority, payload, outcome } = settlement
    const list = wire.keys.queue(queue, priority)
    const index = lists.get(list) ?? lists.size + 3
    lists.set(list, index)
    order.push(doneCount + putBack.length / 4)
    putBack.push(token, String(index), outcome === 'release' ? 'RPUSH' : 'LPUSH', bytesOf(payload))
  }
  return { lists: lists.keys(), args: [String(doneCount), ...done, ...putBack] }
}

function inOrder(answer: 1 | readonly number[], order: readonly number[]): readonly boolean[] {
  if (typeof answer === 'number') return order.map(() => true)
  return order.map((position) => answer[position] === 1)
}

function bytesOf(payload: string | Uint8Array): Argument {
  if (typeof payload === 'string' || payload instanceof Buffer) return payload
  return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
}
