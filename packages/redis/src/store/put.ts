import { PublishError, type StoredMessage } from '@dashi/messaging/transport'
import { publishError } from '../errors.ts'
import { putScript } from './scripts/put.ts'
import type { Wire } from './wire.ts'

/** Redis closes a connection whose command is larger than 1 GB (`client-query-buffer-limit`). */
const maxBatchBytes = 256 * 1024 * 1024

/**
 * Appends all messages or none, in order, with one command.
 *
 * @throws {PublishError} `REFUSED`, `TOO_LARGE`; {OutcomeUnknownError} the connection was lost, or too few replicas confirmed.
 */
export function put(wire: Wire, messages: readonly StoredMessage[]): Promise<void> {
  return append(wire, messages).then(nothing, (error: unknown) => {
    throw publishError(error, `append to ${namesOf(messages)}`)
  })
}

function nothing(): void {
  // The new length of the list is of no use.
}

function append({ writer, keys }: Wire, messages: readonly StoredMessage[]): Promise<unknown> {
  const [first] = messages
  if (first === undefined) return Promise.resolve()
  if (messages.length === 1) {
    return writer.send(['LPUSH', keys.queue(first.queue, first.priority), first.payload])
  }
  return appendMany({ writer, keys }, messages)
}

async function appendMany(
  { writer, keys }: Pick<Wire, 'writer' | 'keys'>,
  messages: readonly StoredMessage[],
): Promise<unknown> {
  refuseOversized(messages)
  const lists = byList(keys, messages)
  if (lists.size === 1) {
    for (const [list, payloads] of lists) return await writer.send(['LPUSH', list, ...payloads])
  }
  const args = [...lists.values()].flatMap((payloads) => [String(payloads.length), ...payloads])
  return await writer.run(putScript, [...lists.keys()], args)
}

function byList(keys: Wire['keys'], messages: readonly StoredMessage[]): Map<string, string[]> {
  const lists = new Map<string, string[]>()
  for (const { queue, priority, payload } of messages) {
    const list = keys.queue(queue, priority)
    const payloads = lists.get(list)
    if (payloads === undefined) lists.set(list, [payload])
    else payloads.push(payload)
  }
  return lists
}

function refuseOversized(messages: readonly { readonly payload: string }[]): void {
  let bytes = 0
  for (const { payload } of messages) bytes += payload.length
  if (bytes <= maxBatchBytes) return
  throw new PublishError(
    'TOO_LARGE',
    `Cannot append ${messages.length} messages of together ${bytes} bytes in one go: at most ${maxBatchBytes}. Publish them one after the other`,
  )
}

/** The queues of a batch, for messages. */
export function namesOf(items: readonly { readonly queue: string }[]): string {
  const names = [...new Set(items.map(({ queue }) => queue))]
  const shown = names.slice(0, 3).map((name) => `queue "${name}"`)
  return names.length > 3 ? `${shown.join(', ')} and ${names.length - 3} more` : shown.join(', ')
}
