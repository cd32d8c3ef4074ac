/** What becomes of a message that its queue gives up: RabbitMQ's dead-letter exchange and headers. Pure. */
import type { QueueDeclaration } from '../entity/declaration.ts'
import { originalBytes } from '../message/body.ts'
import type { IncomingMessage, OutgoingMessage } from '../message/envelope.ts'

/** Why a message died, in RabbitMQ's words. */
export type DeathReason = 'rejected' | 'expired' | 'maxlen'

interface Death {
  readonly queue: string
  readonly reason: string
  readonly count: number
  readonly exchange: string
  readonly 'routing-keys': readonly string[]
}

/** The message to publish instead, or `undefined` when the queue has no dead-letter exchange. */
export function deadLetter(
  message: IncomingMessage,
  queue: QueueDeclaration | undefined,
  reason: DeathReason,
): OutgoingMessage | undefined {
  const exchange = queue?.arguments['x-dead-letter-exchange']
  if (queue === undefined || typeof exchange !== 'string') return undefined
  const routingKey = queue.arguments['x-dead-letter-routing-key']
  const { expiration: _, ...properties } = message.properties
  return {
    exchange,
    routingKey: typeof routingKey === 'string' ? routingKey : message.routingKey,
    contentType: message.contentType ?? 'application/data',
    contentEncoding: message.contentEncoding ?? 'binary',
    headers: deathHeaders(message, queue.name, reason),
    properties,
    body: originalBytes(message.body),
    mandatory: false,
  }
}

function deathHeaders(
  message: IncomingMessage,
  queue: string,
  reason: DeathReason,
): Record<string, unknown> {
  const deaths = readDeaths(message.headers['x-death'])
  const before = deaths.find((death) => death.queue === queue && death.reason === reason)
  const death: Death = {
    queue,
    reason,
    count: (before?.count ?? 0) + 1,
    exchange: message.exchange,
    'routing-keys': [message.routingKey],
  }
  const first = {
    'x-first-death-queue': queue,
    'x-first-death-reason': reason,
    'x-first-death-exchange': message.exchange,
  }
  return {
    ...first,
    ...message.headers,
    'x-death': [death, ...deaths.filter((other) => other !== before)],
  }
}

function readDeaths(value: unknown): readonly Death[] {
  return Array.isArray(value) ? value.filter(isDeath) : []
}

function isDeath(value: unknown): value is Death {
  return (
    typeof value === 'object' &&
    value !== null &&
    'queue' in value &&
    'reason' in value &&
    'count' in value
  )
}
