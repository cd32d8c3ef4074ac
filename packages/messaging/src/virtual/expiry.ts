/** When a message stops being worth delivering. Pure. */
import type { QueueDeclaration } from '../entity/declaration.ts'
import { publishedAtMs } from './delivery-tag.ts'
import type { VirtualMessage } from './envelope-message.ts'

/**
 * Unix time in milliseconds at which a message expires in a queue, or `undefined`.
 *
 * The lesser of the message's `expiration` and the queue's `x-message-ttl`, counted from publishing.
 * Messages of peers that do not tell when they were published do not expire, as in Kombu.
 */
export function expiresAtMs(
  message: VirtualMessage,
  queue: QueueDeclaration | undefined,
): number | undefined {
  const ownMs = milliseconds(message.expiration)
  const queueMs = milliseconds(queue?.arguments['x-message-ttl'])
  if (ownMs === undefined && queueMs === undefined) return undefined
  const published = publishedAtMs(String(message.deliveryTag))
  if (published === undefined) return undefined
  return (
    published + Math.min(ownMs ?? Number.POSITIVE_INFINITY, queueMs ?? Number.POSITIVE_INFINITY)
  )
}

function milliseconds(value: unknown): number | undefined {
  if (value === undefined || value === null || value === '') return undefined
  const number = Number(value)
  return Number.isFinite(number) && number >= 0 ? number : undefined
}
