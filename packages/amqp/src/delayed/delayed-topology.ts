/**
 * Native delayed delivery: a message waits in queues whose time to live are powers of two, as the bits of its delay say.
 *
 * Names, arguments and keys are Kombu's, so that Python and we share one topology.
 * Source: kombu/transport/native_delayed_delivery.py (5.5, 5.6).
 */
import {
  type BindingDeclaration,
  ConfigurationError,
  type ExchangeDeclaration,
  type QueueDeclaration,
} from '@dashi/messaging/transport'

/** Levels 0 to 27: delays of 1 second to 2 ** 28 - 1 seconds, eight and a half years. */
export const maxLevel = 27

/** Longest delay in seconds. */
export const maxCountdownSeconds: number = 2 ** (maxLevel + 1) - 1

/** What the queues are. `quorum` replicates them, and loses no letter on its way between them. */
export type DelayedQueueType = 'classic' | 'quorum'

/** All that has to exist. */
export interface DelayedTopology {
  readonly exchanges: readonly ExchangeDeclaration[]
  readonly queues: readonly QueueDeclaration[]
  readonly exchangeBindings: readonly BindingDeclaration[]
  readonly queueBindings: readonly BindingDeclaration[]
}

/** The exchange where a message arrives when its time has come. */
export function deliveryExchange(prefix?: string): string {
  return prefixed('celery_delayed_delivery', prefix)
}

/**
 * The exchange and queue of a level: `celery_delayed_<level>`.
 *
 * @throws {ConfigurationError} `BAD_OPTION`: no such level.
 */
export function levelName(level: number, prefix?: string): string {
  if (Number.isInteger(level) && level >= 0 && level <= maxLevel) {
    return prefixed(`celery_delayed_${level}`, prefix)
  }
  throw bad(`A level of delayed delivery is a whole number from 0 to ${maxLevel}, not ${level}`)
}

/**
 * The routing key under which a message is published to `levelName(27)`: the bits of the delay, then its own key.
 *
 * @throws {ConfigurationError} `BAD_OPTION`: a delay below a second or beyond the levels, or no key.
 * @example
 * calculateRoutingKey(5, 'tasks')   // '0.0. … .0.1.0.1.tasks'
 */
export function calculateRoutingKey(countdownSeconds: number, routingKey: string): string {
  const isCountdown =
    Number.isInteger(countdownSeconds) &&
    countdownSeconds >= 1 &&
    countdownSeconds <= maxCountdownSeconds
  if (!isCountdown) {
    throw bad(
      `A delay is a whole number of seconds from 1 to ${maxCountdownSeconds}, not ${countdownSeconds}`,
    )
  }
  if (routingKey === '') throw bad('A delayed message needs a routing key that is not empty')
  const bits = countdownSeconds.toString(2).padStart(maxLevel + 1, '0')
  return [...bits, routingKey].join('.')
}

/** Everything that delayed delivery needs, in the order in which it can be declared. */
export function delayedTopology(type: DelayedQueueType, prefix?: string): DelayedTopology {
  const levels = Array.from({ length: maxLevel + 1 }, (_, index) => maxLevel - index)
  const next = (level: number) =>
    level > 0 ? levelName(level - 1, prefix) : deliveryExchange(prefix)
  return {
    exchanges: [...levels.map((level) => levelName(level, prefix)), deliveryExchange(prefix)].map(
      topicExchange,
    ),
    queues: levels.map((level) => waitingQueue(level, { type, prefix, next: next(level) })),
    exchangeBindings: levels.map((level) => ({
      exchange: levelName(level, prefix),
      destination: next(level),
      routingKey: bitPattern(level, '0'),
      arguments: {},
    })),
    queueBindings: levels.map((level) => ({
      exchange: levelName(level, prefix),
      destination: levelName(level, prefix),
      routingKey: bitPattern(level, '1'),
      arguments: {},
    })),
  }
}

/** Keys whose bit of this level is so. The most significant comes first. */
function bitPattern(level: number, bit: '0' | '1'): string {
  return `${'*.'.repeat(maxLevel - level)}${bit}.#`
}

function topicExchange(name: string): ExchangeDeclaration {
  return { name, type: 'topic', durable: true, autoDelete: false, passive: false, arguments: {} }
}

function waitingQueue(
  level: number,
  kind: {
    readonly type: DelayedQueueType
    readonly prefix: string | undefined
    readonly next: string
  },
): QueueDeclaration {
  return {
    name: levelName(level, kind.prefix),
    ...{ durable: true, exclusive: false, autoDelete: false, passive: false },
    arguments: {
      'x-queue-type': kind.type,
      'x-overflow': 'reject-publish',
      'x-message-ttl': 2 ** level * 1_000,
      'x-dead-letter-exchange': kind.next,
      ...(kind.type === 'quorum' ? { 'x-dead-letter-strategy': 'at-least-once' } : {}),
    },
  }
}

function prefixed(name: string, prefix: string | undefined): string {
  return prefix === undefined ? name : `${prefix}_${name}`
}

function bad(message: string): ConfigurationError {
  return new ConfigurationError('BAD_OPTION', message)
}
