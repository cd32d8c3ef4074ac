/**
 * One cell of the matrix, carried out: a party consumes, a party publishes, and what arrives is
 * compared with what has to.
 */
import { isDeepStrictEqual } from 'node:util'
import type { BodyKind, BrokerName, Cell, ExchangeKind } from './matrix.ts'

/** Names for one cell, used by nobody else. */
export interface Route {
  readonly broker: BrokerName
  readonly exchange: ExchangeKind
  /** Name of the exchange; not used for `default`. */
  readonly exchangeName: string
  readonly queueName: string
  /** What the queue is bound with. */
  readonly bindingKey: string
  /** What the message is published with. */
  readonly routingKey: string
}

/** A message as it reached the application: the same form whoever consumed it. */
export interface Arrival {
  /** A JSON value, or `{ base64 }` for bytes. */
  readonly body: unknown
  readonly contentType: string | undefined
  readonly contentEncoding: string | undefined
  /** The header `compression`. */
  readonly compression: unknown
  /** The header `x-cell`, published with every message. */
  readonly mark: unknown
}

/** A running consumer. */
export interface Inbox {
  /** The next message, acknowledged; `undefined` when there is none in time. */
  next(timeoutMs: number): Promise<Arrival | undefined>
  close(): Promise<void>
}

/** Somebody on one end, connected to one broker. */
export interface Party {
  /** Consumes. Resolves when a message that is published from now on arrives. */
  consume(route: Route): Promise<Inbox>
  /** Publishes `publishedValues[body]` with the header `x-cell: mark`. */
  publish(route: Route, message: { readonly body: BodyKind; readonly mark: string }): Promise<void>
}

/** What a JSON message holds: everything that JSON has, and what is easily lost on the way. */
const jsonValue = {
  text: 'snow ☃, emoji 🙂, quote ", \u0000, \u2028',
  numbers: [0, -1, 1.5, 1e100, 9_007_199_254_740_991],
  others: [true, false, null, {}, []],
  nested: { 'a.b': { '': [[1]] } },
}

/** What is published for each kind. Bytes are all 256. */
export const publishedValues: Readonly<Record<BodyKind, unknown>> = {
  json: jsonValue,
  text: 'grüße ☃',
  bytes: Uint8Array.from({ length: 256 }, (_, byte) => byte),
  zlib: { ...jsonValue, long: 'repeated '.repeat(200) },
}

/** What has to arrive. Source of types and encodings: Kombu's registry of serializers. */
export function expectedArrival(body: BodyKind, mark: string): Arrival {
  const json = { contentType: 'application/json', contentEncoding: 'utf-8' }
  const base = { body: publishedValues[body], compression: undefined, mark }
  switch (body) {
    case 'json':
      return { ...base, ...json }
    case 'zlib':
      return { ...base, ...json, compression: 'application/x-gzip' }
    case 'text':
      return { ...base, contentType: 'text/plain', contentEncoding: 'utf-8' }
    case 'bytes': {
      const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte)
      const encoded = { base64: Buffer.from(bytes).toString('base64') }
      return {
        ...base,
        body: encoded,
        contentType: 'application/data',
        contentEncoding: 'binary',
      }
    }
    default:
      return body satisfies never
  }
}

/** Names for a cell. `unique` makes them so. */
export function routeOf({ broker, exchange }: Cell, unique: string): Route {
  const queueName = `queue-${unique}`
  const byKind: Readonly<Record<ExchangeKind, readonly [string, string]>> = {
    default: [queueName, queueName],
    direct: ['key', 'key'],
    fanout: ['', ''],
    topic: ['a.*.c-d_e', 'a.b.c-d_e'],
  }
  const [bindingKey, routingKey] = byKind[exchange]
  const exchangeName = `exchange-${unique}`
  return { broker, exchange, exchangeName, queueName, bindingKey, routingKey }
}

/** How to carry out a cell. */
export interface CellOptions {
  readonly publisher: Party
  readonly consumer: Party
  readonly unique: string
  readonly timeoutMs: number
}

/**
 * Carries out a cell: the message has to arrive once, as it was published.
 *
 * @returns what is wrong; `undefined` when nothing is.
 */
export async function runCell(cell: Cell, options: CellOptions): Promise<string | undefined> {
  const { publisher, consumer, unique, timeoutMs } = options
  const route = routeOf(cell, unique)
  const inbox = await consumer.consume(route)
  try {
    await publisher.publish(route, { body: cell.body, mark: unique })
    const arrival = await inbox.next(timeoutMs)
    if (arrival === undefined) return `nothing arrived within ${timeoutMs} ms`
    const expected = expectedArrival(cell.body, unique)
    if (isDeepStrictEqual(arrival, expected)) return undefined
    return `arrived ${JSON.stringify(arrival)} instead of ${JSON.stringify(expected)}`
  } finally {
    await inbox.close()
  }
}
