import { kombuTopicPattern, type StoredBinding } from '@dashi/messaging/transport'

/**
 * A member of a binding set. Shape: `<routing key><sep><pattern><sep><queue>`; the pattern is a regular
 * expression for topics, otherwise empty. Source: kombu/transport/redis.py, Channel._queue_bind.
 */
export function formatBinding(binding: StoredBinding, sep: string): string {
  const { exchangeType, routingKey, queue } = binding
  const pattern = exchangeType === 'topic' ? kombuTopicPattern(routingKey) : ''
  return [routingKey, pattern, queue].join(sep)
}

/** What a member says; `undefined` when it is something else. */
export interface BindingRecord {
  readonly routingKey: string
  readonly isTopic: boolean
  readonly queue: string
}

/** Reads a member of a binding set. */
export function parseBinding(member: string, sep: string): BindingRecord | undefined {
  const [routingKey, pattern, ...queue] = member.split(sep)
  if (routingKey === undefined || pattern === undefined || queue.length === 0) return undefined
  return { routingKey, isTopic: pattern !== '', queue: queue.join(sep) }
}
