/**
 * From an exchange's bindings and a message to the queues that get it. Pure.
 */
import { isDeepStrictEqual } from 'node:util'
import { ChannelError, UnsupportedError } from '../errors.ts'
import type { MessageHeaders } from '../message/envelope.ts'
import type { ExchangeType } from '../transport/capabilities.ts'
import type { StoredBinding } from './queue-store.ts'
import { kombuTopicPattern, matchAmqpTopic, matchKombuTopic } from './topic.ts'

/** What of a message decides where it goes. */
export interface RoutedMessage {
  readonly routingKey: string
  readonly headers: MessageHeaders
}

/** By which rules topics match: as Python peers do, or as AMQP says. */
export type TopicMatching = 'kombu' | 'amqp'

/** How an exchange routes. */
export interface RouteOptions {
  readonly exchangeType: string
  readonly topicMatching: TopicMatching
}

/**
 * The queues whose bindings take the message, each once, in the order of the bindings.
 *
 * @param bindings All of them of the one exchange.
 * @throws {UnsupportedError} for another type than direct, fanout, topic and headers.
 */
export function routeToQueues(
  bindings: readonly StoredBinding[],
  message: RoutedMessage,
  options: RouteOptions,
): readonly string[] {
  const takes = strategyOf(options.exchangeType)
  const queues = new Set<string>()
  for (const binding of bindings) {
    if (!queues.has(binding.queue) && takes(binding, message, options)) queues.add(binding.queue)
  }
  return [...queues]
}

/**
 * Accepts a binding that can be routed by.
 *
 * @throws {ChannelError} `PRECONDITION_FAILED` for an `x-match` that does not exist.
 * @throws {ConfigurationError} `BAD_OPTION` for a topic that Python peers cannot compile.
 * @throws {UnsupportedError} as {@link routeToQueues}.
 */
export function checkBinding(
  binding: StoredBinding,
  options: Omit<RouteOptions, 'exchangeType'>,
): void {
  const { exchange, exchangeType, routingKey } = binding
  strategyOf(exchangeType)
  if (exchangeType === 'topic' && options.topicMatching === 'kombu') kombuTopicPattern(routingKey)

  const match = binding.arguments['x-match']
  if (exchangeType !== 'headers' || match === undefined || headerMatches.has(match)) return
  throw new ChannelError(
    'PRECONDITION_FAILED',
    `Cannot bind queue "${binding.queue}" to exchange "${exchange}": x-match has to be one of ${[...headerMatches].join(', ')}, not ${JSON.stringify(match)}`,
  )
}

type Strategy = (binding: StoredBinding, message: RoutedMessage, options: RouteOptions) => boolean

const strategies: Readonly<Record<ExchangeType, Strategy>> = {
  direct: (binding, message) => binding.routingKey === message.routingKey,
  fanout: () => true,
  topic: (binding, message, options) =>
    options.topicMatching === 'amqp'
      ? matchAmqpTopic(binding.routingKey, message.routingKey)
      : matchKombuTopic(binding.routingKey, message.routingKey),
  headers: (binding, message) => matchHeaders(binding.arguments, message.headers),
}

function strategyOf(exchangeType: string): Strategy {
  // The key is checked to be one of the table's on the same line.
  if (Object.hasOwn(strategies, exchangeType)) return strategies[exchangeType as ExchangeType]
  throw new UnsupportedError(
    `Exchanges of type "${exchangeType}" cannot be routed here; there are ${Object.keys(strategies).join(', ')}`,
  )
}

const headerMatches: ReadonlySet<unknown> = new Set(['all', 'any', 'all-with-x', 'any-with-x'])

/**
 * RabbitMQ's headers exchange: `x-match` `all` (default) or `any`; names beginning with `x-` count only
 * with `all-with-x` and `any-with-x`; a binding value of null asks for presence.
 *
 * @see rabbitmq.com, "Headers Exchange"; rabbit_exchange_type_headers.erl
 */
function matchHeaders(wanted: Readonly<Record<string, unknown>>, given: MessageHeaders): boolean {
  const match = String(wanted['x-match'] ?? 'all')
  const withX = match.endsWith('-with-x')
  const names = Object.keys(wanted).filter(
    (name) => name !== 'x-match' && (withX || !name.startsWith('x-')),
  )
  const fits = (name: string) => Object.hasOwn(given, name) && fitsValue(wanted[name], given[name])
  return match.startsWith('any') ? names.some(fits) : names.every(fits)
}

function fitsValue(wanted: unknown, given: unknown): boolean {
  return wanted === null || wanted === undefined || isDeepStrictEqual(wanted, given)
}
