/** The way of a round's messages through one kind of exchange. Pure. */
import type { BrokerName, ExchangeKind } from './matrix.ts'

/** Names for one kind of exchange in one round, used by nobody else. */
export interface Route {
  readonly broker: BrokerName
  readonly exchange: ExchangeKind
  /** Name of the exchange; not used for `default`. */
  readonly exchangeName: string
  readonly queueName: string
  /** What the queue is bound with. */
  readonly bindingKey: string
  readonly bindingArguments: Readonly<Record<string, unknown>>
  /** What the messages are published with. */
  readonly routingKey: string
  readonly headers: Readonly<Record<string, string>>
}

/** Names for one kind of exchange. `unique` makes them so. */
export function routeOf(broker: BrokerName, exchange: ExchangeKind, unique: string): Route {
  const queueName = `queue-${exchange}-${unique}`
  const keys: Readonly<Record<ExchangeKind, readonly [string, string]>> = {
    default: [queueName, queueName],
    direct: ['key', 'key'],
    fanout: ['', ''],
    topic: ['a.*.c-d_e', 'a.b.c-d_e'],
    headers: ['', ''],
  }
  const [bindingKey, routingKey] = keys[exchange]
  const isByHeaders = exchange === 'headers'
  return {
    ...{ broker, exchange, queueName, bindingKey, routingKey },
    exchangeName: `exchange-${exchange}-${unique}`,
    bindingArguments: isByHeaders ? { 'x-match': 'all', colour: 'red', size: 'small' } : {},
    headers: isByHeaders ? { colour: 'red', size: 'small' } : {},
  }
}
