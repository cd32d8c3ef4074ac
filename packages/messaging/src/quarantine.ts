/** Where messages go that nobody here can read: set aside with their reason and original bytes, never dropped. */
import type { Channel } from './connection/channel.ts'
import type { SupervisedConnection } from './connection/supervised-connection.ts'
import { MessagingError, reasonOf } from './errors.ts'
import type { MessageProperties } from './message/envelope.ts'
import type { Message } from './message/message.ts'

const retryPauseMs = 1_000

/**
 * Stores the message in the connection's quarantine queue, then ends the original. Headers tell why: `x-quarantine-reason`,
 * `x-quarantine-code`, `x-quarantine-queue`, `x-quarantine-at` (ISO 8601). It does not expire there. If it cannot be stored the
 * message goes back to its queue, after a second: a storm helps nobody.
 */
export async function quarantine(
  message: Message,
  error: unknown,
  place: QuarantinePlace,
): Promise<void> {
  const { connection, channel } = place
  const { quarantineQueue } = connection.settings
  try {
    await channel.declareQueue(durableQueue(quarantineQueue))
    await channel.publish({
      exchange: '',
      routingKey: quarantineQueue,
      contentType: message.contentType ?? 'application/data',
      contentEncoding: message.contentEncoding ?? 'binary',
      headers: { ...message.headers, ...reasonHeaders(message, error) },
      properties: lastingProperties(message),
      body: message.rawBody,
      mandatory: true,
    })
    connection.counters.quarantined += 1
    message.ack()
    connection.warn(setAside(message, error, quarantineQueue))
  } catch (failure) {
    connection.warn(failure)
    await pause(message.signal)
    message.rejectLogError((stale) => connection.warn(stale), { requeue: true })
  }
}

/** Ends early when the message is taken away from us. */
async function pause(signal: AbortSignal): Promise<void> {
  const ended = Promise.withResolvers<void>()
  signal.addEventListener('abort', () => ended.resolve(), { once: true })
  const timer = setTimeout(ended.resolve, retryPauseMs)
  if (signal.aborted) ended.resolve()
  await ended.promise
  clearTimeout(timer)
}

function lastingProperties(message: Message): MessageProperties {
  const { expiration: _, ...properties } = message.properties
  return { ...properties, deliveryMode: 2 }
}

/** Where to quarantine. */
export interface QuarantinePlace {
  readonly connection: SupervisedConnection
  readonly channel: Channel
}

function durableQueue(name: string) {
  return { name, durable: true, exclusive: false, autoDelete: false, passive: false, arguments: {} }
}

function reasonHeaders(message: Message, error: unknown): Record<string, unknown> {
  return {
    'x-quarantine-reason': reasonOf(error),
    'x-quarantine-code': codeOf(error),
    'x-quarantine-queue': message.deliveryInfo.queue,
    'x-quarantine-at': new Date().toISOString(),
  }
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : 'NOT_DECODABLE'
}

function setAside(message: Message, error: unknown, queue: string): MessagingError {
  const from = message.deliveryInfo.queue
  return new MessagingError(
    MessagingError.is(error) ? error.code : 'NOT_DECODABLE',
    `A message of queue "${from}" was set aside in "${queue}": ${reasonOf(error)}. Read it there, mend its sender, and publish it again if it matters`,
    { cause: error },
  )
}
