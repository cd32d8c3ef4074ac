import { ChannelError } from '@dashi/messaging/transport'
import type { Argument } from '../connection/client.ts'
import { restoreScript } from '../store/scripts/sweep.ts'
import type { Wire } from '../store/wire.ts'
import { markRedelivered, priorityOf, readRecord, type UnackedRecord } from './record.ts'

/** Messages given back in one script. */
const pageSize = 100

/** Where a message goes back to; `undefined`: nowhere, it was a broadcast. */
export type QueuesOf = (
  exchange: string,
  routingKey: string,
) => Promise<readonly string[] | undefined>

/** What giving back needs besides the session's wire. */
export interface RestoreParts {
  readonly queuesOf: QueuesOf
  readonly report: (notice: ChannelError) => void
}

interface Restored {
  readonly token: string
  readonly payload: Buffer
  readonly lists: readonly string[]
}

/**
 * Gives messages back to the queues that they came from, marked as delivered before.
 *
 * The texts come here to be marked and go back in a second step, which does nothing for a message that is
 * no longer held: Lua's JSON would round Python's numbers and turn `[]` into `{}`.
 *
 * @param tokens Newest first: each becomes the next to be delivered, so that the oldest ends in front.
 * @returns how many are no longer held by whoever held them.
 */
export async function restore(
  wire: Wire,
  tokens: readonly string[],
  parts: RestoreParts,
): Promise<number> {
  let count = 0
  for (let at = 0; at < tokens.length; at += pageSize) {
    const page = tokens.slice(at, at + pageSize)
    const messages = await readPage(wire, page, parts)
    await restorePage(wire, messages)
    count += messages.length
  }
  return count
}

async function readPage(
  { client, keys }: Wire,
  tokens: readonly string[],
  parts: RestoreParts,
): Promise<readonly Restored[]> {
  const command = ['HMGET', keys.unacked, ...tokens]
  const values = await client.sendForBytes<readonly (Buffer | null)[]>(command)
  const found: Restored[] = []
  for (const [index, token] of tokens.entries()) {
    const value = values[index] ?? undefined
    const record = value === undefined ? undefined : readRecord(value)
    // An index without a record is dust that the script sweeps out.
    if (value === undefined) found.push({ token, payload: Buffer.of(), lists: [] })
    else if (record === undefined) parts.report(unreadable(keys.unacked, token))
    else found.push(...(await restoredFrom(record, token, { keys, parts })))
  }
  return found
}

async function restoredFrom(
  record: UnackedRecord,
  token: string,
  { keys, parts }: { readonly keys: Wire['keys']; readonly parts: RestoreParts },
): Promise<readonly Restored[]> {
  const { exchange, routingKey } = record
  const queues = exchange === '' ? [routingKey] : await parts.queuesOf(exchange, routingKey)
  if (queues?.length === 0) {
    parts.report(homeless(record, token))
    return []
  }
  const priority = priorityOf(record.payload)
  const lists = queues?.map((queue) => keys.queue(queue, priority)) ?? []
  return [{ token, payload: Buffer.from(markRedelivered(record.payload), 'latin1'), lists }]
}

async function restorePage({ client, keys }: Wire, messages: readonly Restored[]): Promise<void> {
  if (messages.length === 0) return
  const lists = new Map<string, number>()
  const args: Argument[] = []
  for (const { token, payload, lists: targets } of messages) {
    args.push(token, String(targets.length))
    for (const list of targets) {
      const index = lists.get(list) ?? lists.size + 3
      lists.set(list, index)
      args.push(String(index), payload)
    }
  }
  await client.run(restoreScript, [keys.unacked, keys.unackedIndex, ...lists.keys()], args)
}

function unreadable(key: string, token: string): ChannelError {
  return new ChannelError(
    'PRECONDITION_FAILED',
    `Cannot give back the message "${token}" of a dead consumer: its record in the hash "${key}" is not [envelope, exchange, routing key]. ` +
      'It stays there; read it with HGET and delete it with HDEL',
  )
}

function homeless({ exchange, routingKey }: UnackedRecord, token: string): ChannelError {
  return new ChannelError(
    'NOT_FOUND',
    `Cannot give back the message "${token}" of a dead Kombu consumer: no queue is bound to exchange "${exchange}" with a key that matches "${routingKey}". ` +
      'It is tried again with every sweep; bind a queue',
  )
}
