/** The few things that every scenario does on either end. */
import type { Message, PublishOptions, QueueOptions } from '@dashi/messaging'
import { Queue } from '@dashi/messaging'
import type { PeerMessage, PeerQueue } from '../kombu-peer.ts'
import type { Ends } from '../scenario.ts'

/** The scenario's queue, said to both sides. Both have to say the same. */
export interface SharedQueue {
  readonly ours: Queue
  readonly theirs: PeerQueue
}

/** What a queue can be beside its name, where a scenario needs it. */
export interface SharedQueueOptions {
  /** Ends its name. Default: nothing. */
  readonly suffix?: string
  readonly maxPriority?: number
  /** Where rejected messages go. */
  readonly deadLetterQueue?: string
}

/** A queue of the scenario. */
export function sharedQueue(
  ends: Pick<Ends, 'unique'>,
  options: SharedQueueOptions = {},
): SharedQueue {
  // biome-ignore format: one line
  const { suffix = '', maxPriority, deadLetterQueue } = options
  const name = `${ends.unique}${suffix}`
  const letters = {
    'x-dead-letter-exchange': '',
    'x-dead-letter-routing-key': deadLetterQueue,
  }
  const queueArguments = deadLetterQueue === undefined ? {} : letters
  const ours: QueueOptions = { maxPriority, queueArguments }
  const limits = maxPriority === undefined ? {} : { max_priority: maxPriority }
  return {
    ours: new Queue(name, ours),
    theirs: { name, ...limits, queue_arguments: queueArguments },
  }
}

/** We publish JSON into a queue by its name. */
export async function publishOurs(
  ends: Ends,
  body: unknown,
  options: PublishOptions & { readonly queue?: SharedQueue } = {},
): Promise<void> {
  const { queue = sharedQueue(ends), ...rest } = options
  const declare = [queue.ours]
  const serializer = 'json'
  await ends.ours.producer().publish(body, { routingKey: queue.ours.name, declare, serializer, ...rest }) // biome-ignore format: one line
}

/** Kombu publishes JSON into a queue by its name. */
export async function publishTheirs(
  ends: Ends,
  json: unknown,
  options: { readonly queue?: SharedQueue; readonly [option: string]: unknown } = {},
): Promise<void> {
  const { queue = sharedQueue(ends), ...rest } = options
  await ends.peer.request('publish', {
    connection: ends.connection,
    body: { json },
    routing_key: queue.ours.name,
    declare: [{ queue: queue.theirs }],
    serializer: 'json',
    ...rest,
  })
}

/** Hands over the next messages that we get, unsettled; what is not settled then goes back. */
export async function receiveOurs<T>(
  ends: Pick<Ends, 'ours' | 'unique'> & { readonly queue?: SharedQueue },
  count: number,
  use: (messages: readonly Message[]) => T,
): Promise<T> {
  const { queue = sharedQueue(ends) } = ends
  const signal = AbortSignal.timeout(20_000)
  const options = { prefetchCount: count, signal }
  const messages: Message[] = []
  await using stream = ends.ours.consume(queue.ours, options)
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
export async function consumeTheirs(
  ends: Ends,
  count = 1,
  queue: SharedQueue = sharedQueue(ends),
): Promise<readonly PeerMessage[]> {
  const { peer, connection } = ends
  const request = { connection, queues: [queue.theirs], count, timeout: 15 }
  return (await peer.request('consume', request)).messages
}

/** The next message that Kombu gets, held. @returns its name in the peer. */
export async function holdTheirs(
  ends: Ends,
  queue: SharedQueue = sharedQueue(ends),
): Promise<string> {
  // biome-ignore format: one line
  const { peer, connection } = ends
  const { message } = await peer.request('get', { connection, queue: queue.theirs })
  return message?.message ?? ''
}

/** The JSON in a message of Kombu's. */
export function jsonOf(message: PeerMessage | undefined | null): unknown {
  const body = message?.body
  return body && 'json' in body ? body.json : body
}
