/** The exchange types of AMQP 0-9-1. */
export type ExchangeType = 'direct' | 'fanout' | 'topic' | 'headers'

/**
 * What a transport can do. Declared as frozen data, used through, and tested both ways:
 * using what is declared `false` throws `UnsupportedError`.
 */
export interface Capabilities {
  readonly exchangeTypes: readonly ExchangeType[]
  /** Exchanges can be bound to exchanges. */
  readonly exchangeBindings: boolean
  /** Whether and how priorities order delivery: RabbitMQ serves 9 first, Kombu's Redis serves 0 first. */
  readonly priorities: 'high-first' | 'low-first' | false
  /** `expiration` of a message and `x-message-ttl` of a queue are honoured. */
  readonly messageTtl: boolean
  /** `x-dead-letter-exchange` of a queue is honoured. */
  readonly deadLetters: boolean
  /** A message held by a process that is killed comes back by itself. */
  readonly leases: boolean
  /** Bindings declared by one connection are seen by all. */
  readonly sharedBindings: boolean
  /** What a confirmed message survives. */
  readonly durability: 'process' | 'broker' | 'none'
  /** Where `requeue()` puts a message: next to be delivered, or last. */
  readonly requeue: 'first' | 'last'
  /** The transport keeps protocol heartbeats. */
  readonly heartbeats: boolean
}
