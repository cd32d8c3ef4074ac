/** The few things that every scenario does on either end. */
import type { Message } from '@dashi/messaging'
import { Queue } from '@dashi/messaging'
import type { PeerMessage } from '../kombu-peer.ts'
import type { Ends } from '../scenario.ts'

/** We publish JSON into a queue by its name. */
export function publishOurs(ends: Ends, body: unknown, priority = 0): Promise<void> {
  const { ours, unique } = ends
  const declare = [new Queue(unique)]
  return ours.producer().publish(body, { routingKey: unique, declare, priority })
}

/** Kombu publishes JSON into a queue by its name. */
export async function publishTheirs(ends: Ends, json: unknown, priority = 0): Promise<void> {
  const { peer, connection, unique } = ends
  const declare = [{ queue: { name: unique } }]
  await peer.request('publish', {
    connection,
    body: { json },
    routing_key: unique,
    declare,
    priority,
  })
}

/** Hands over the next messages that we get, unsettled; what is not settled then goes back. */
export async function receiveOurs<T>(
  ends: Pick<Ends, 'ours' | 'unique'>,
  count: number,
  use: (messages: readonly Message[]) => T,
): Promise<T> {
  const signal = AbortSignal.timeout(20_000)
  const options = { prefetchCount: count, signal }
  const messages: Message[] = []
  await using stream = ends.ours.consume(new Queue(ends.unique), options)
  while (messages.length < count) {
    const { value } = await stream.next()
    if (value === undefined) throw new Error(`${count} messages wanted, ${messages.length} came`)
    messages.push(value)
  }
  const result = use(messages)
  await messages.at(-1)?.settled()
  return result
}

/** Acknowledges messages. @returns what was in them. */
export function ackAll(messages: readonly Message[]): readonly unknown[] {
  return messages.map((message) => {
    message.ack()
    return message.payload
  })
}

/** The next messages that Kombu gets, acknowledged. */
export async function consumeTheirs(ends: Ends, count = 1): Promise<readonly PeerMessage[]> {
  const { peer, connection, unique } = ends
  const request = { connection, queues: [{ name: unique }], count, timeout: 15 }
  return (await peer.request('consume', request)).messages
}

/** The JSON in a message of Kombu's. */
export function jsonOf(message: PeerMessage | undefined | null): unknown {
  const body = message?.body
  return body && 'json' in body ? body.json : body
}
