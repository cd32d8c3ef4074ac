/**
 * The cells of the interoperability matrix: who publishes, who consumes, over what, how. Pure.
 */
import { type KombuRelease, kombuReleases } from './python.ts'

/** Who is on an end. */
export type PartyName = 'dashi' | KombuRelease

/** The parties, ourselves first. */
export const partyNames: readonly PartyName[] = ['dashi', ...kombuReleases]

/** What lies between. `sqlite` is Kombu's SQLAlchemy transport on a file. */
export const brokerNames = ['redis', 'rabbitmq', 'sqlite', 'filesystem'] as const

/** One of them. */
export type BrokerName = (typeof brokerNames)[number]

/** How a message finds its queue: `default` is by the queue's name, through no exchange. */
export const exchangeKinds = ['default', 'direct', 'fanout', 'topic', 'headers'] as const

/** One of them. */
export type ExchangeKind = (typeof exchangeKinds)[number]

/**
 * How a body is written: by a serializer of that name, `raw` with text; `text` and `bytes` are what Kombu makes
 * of such values when no serializer is named.
 */
export const bodyKinds = ['json', 'yaml', 'msgpack', 'pickle', 'text', 'bytes', 'raw'] as const

/** One of them. */
export type BodyKind = (typeof bodyKinds)[number]

/** The names that Kombu gives to compressions; `none`: the body goes as it is. */
export const compressionNames = ['none', 'zlib', 'bzip2', 'lzma', 'brotli', 'zstd'] as const

/** One of them. */
export type CompressionName = (typeof compressionNames)[number]

/** Who talks to whom over what: the cells of one round. */
export interface Pairing {
  readonly publisher: PartyName
  readonly consumer: PartyName
  readonly broker: BrokerName
}

/** One combination to be tried. */
export interface Cell extends Pairing {
  readonly exchange: ExchangeKind
  readonly body: BodyKind
  readonly compression: CompressionName
  /** Why it cannot be done, of Kombu's or the table's making; `undefined` when the message has to arrive. */
  readonly impossible: string | undefined
}

/**
 * All pairings with Kombu on at least one end, in a fixed order, broker by broker. Those with Kombu on both are
 * there to know how the original behaves.
 */
export function pairings(): readonly Pairing[] {
  return brokerNames.flatMap((broker) =>
    partyNames.flatMap((publisher) =>
      partyNames
        .filter((consumer) => publisher !== 'dashi' || consumer !== 'dashi')
        .map((consumer) => ({ publisher, consumer, broker })),
    ),
  )
}

/** The cells of a pairing: every exchange with every body and every compression. */
export function cellsOf(pairing: Pairing): readonly Cell[] {
  return exchangeKinds.flatMap((exchange) => {
    const impossible = impossibility(pairing, exchange)
    return bodyKinds.flatMap((body) =>
      compressionNames.map((compression) => ({
        ...pairing,
        ...{ exchange, body, compression, impossible },
      })),
    )
  })
}

/** E.g. `dashi > kombu52 redis`. */
export function pairingName({ publisher, consumer, broker }: Pairing): string {
  return `${publisher} > ${consumer} ${broker}`
}

/** E.g. `dashi > kombu52 redis topic json zlib`. */
export function cellName(cell: Cell): string {
  return `${pairingName(cell)} ${cell.exchange} ${cell.body} ${cell.compression}`
}

/**
 * Why a message cannot take this way; `undefined` when it can.
 *
 * Source: kombu/transport/virtual/exchange.py has no headers exchange, and delivers a fanout only where
 * `supports_fanout` is set, which is not so for SQL, and for folders only since 5.3.
 */
export function impossibility(
  { publisher, broker }: Pick<Pairing, 'publisher' | 'broker'>,
  exchange: ExchangeKind,
): string | undefined {
  if (exchange === 'headers' && broker !== 'rabbitmq')
    return 'Kombu has headers exchanges over RabbitMQ only'
  if (exchange !== 'fanout' || publisher === 'dashi') return undefined
  if (broker === 'sqlite') return 'Kombu drops what is published to a fanout exchange over SQL'
  if (broker !== 'filesystem' || publisher !== 'kombu52') return undefined
  return 'Kombu 5.2 drops what is published to a fanout exchange over folders'
}
