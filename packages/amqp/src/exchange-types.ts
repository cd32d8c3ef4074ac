/** Exchange types: AMQP's four, and those of plugins. */
import { type ExchangeType, UnsupportedError } from '@dashi/messaging/transport'

/** The types that every RabbitMQ has. */
export const standardTypes: readonly ExchangeType[] = Object.freeze([
  'direct',
  'fanout',
  'topic',
  'headers',
])

export function isStandardType(type: string): boolean {
  return standardTypes.some((standard) => standard === type)
}

/** The broker's refusal of a type, e.g. because its plugin is not enabled. */
export function unknownType(name: string, type: string, cause: unknown): UnsupportedError {
  return new UnsupportedError(
    `Cannot declare exchange "${name}": RabbitMQ has no exchange type "${type}". ` +
      `Use ${standardTypes.join(', ')}, or enable the plugin that brings it`,
    { cause },
  )
}
