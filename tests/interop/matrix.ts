/**
 * The cells of the interoperability matrix: who publishes, who consumes, over what, how. Pure.
 */
import { type KombuRelease, kombuReleases } from './python.ts'

/** Who is on an end. */
export type PartyName = 'dashi' | KombuRelease

/** The parties, ourselves first. */
export const partyNames: readonly PartyName[] = ['dashi', ...kombuReleases]

/** What lies between. `sqlite` is Kombu's SQLAlchemy transport on a file. */
export const brokerNames = ['redis', 'sqlite'] as const

/** One of them. */
export type BrokerName = (typeof brokerNames)[number]

/** How a message finds its queue: `default` is by the queue's name, through no exchange. */
export const exchangeKinds = ['default', 'direct', 'fanout', 'topic'] as const

/** One of them. */
export type ExchangeKind = (typeof exchangeKinds)[number]

/** What a message holds: a JSON value, a text, bytes, or a JSON value compressed with zlib. */
export const bodyKinds = ['json', 'text', 'bytes', 'zlib'] as const

/** One of them. */
export type BodyKind = (typeof bodyKinds)[number]

/** One combination to be tried. */
export interface Cell {
  readonly publisher: PartyName
  readonly consumer: PartyName
  readonly broker: BrokerName
  readonly exchange: ExchangeKind
  readonly body: BodyKind
  /** Why Kombu itself cannot do it; `undefined` when the message has to arrive. */
  readonly impossible: string | undefined
}

/**
 * All cells with Kombu on at least one end, in a fixed order. Those with Kombu on both are there to
 * know how the original behaves.
 */
export function matrix(): readonly Cell[] {
  return partyNames.flatMap((publisher) =>
    partyNames
      .filter((consumer) => publisher !== 'dashi' || consumer !== 'dashi')
      .flatMap((consumer) => cellsOf(publisher, consumer)),
  )
}

/** Publisher, consumer, broker, exchange and body, e.g. `dashi > kombu52 redis topic zlib`. */
export function cellName({ publisher, consumer, broker, exchange, body }: Cell): string {
  return `${publisher} > ${consumer} ${broker} ${exchange} ${body}`
}

function cellsOf(publisher: PartyName, consumer: PartyName): readonly Cell[] {
  return brokerNames.flatMap((broker) =>
    exchangeKinds.flatMap((exchange) =>
      bodyKinds.map((body) => {
        const impossible = publisher === 'dashi' ? undefined : impossibility(broker, exchange)
        return { publisher, consumer, broker, exchange, body, impossible }
      }),
    ),
  )
}

/** Source: kombu/transport/virtual/exchange.py delivers a fanout only where `supports_fanout` is set. */
function impossibility(broker: BrokerName, exchange: ExchangeKind): string | undefined {
  if (broker !== 'sqlite' || exchange !== 'fanout') return undefined
  return 'Kombu drops what is published to a fanout exchange over SQL'
}

/** How Kombu behaves on a broker, the same in all releases. */
export interface KombuFacts {
  /** What is published to an exchange reaches queues that only another process has bound. */
  readonly sharedBindings: boolean
  /** In a topic's key, `*` matches several words too. */
  readonly starSpansWords: boolean
  /** A message that was requeued comes after those that wait, or before them. */
  readonly requeue: 'first' | 'last'
  /** A message that comes again says so. */
  readonly redelivered: boolean
  /** Which priority is served first; `false`: none. */
  readonly priorities: 'low-first' | false
  /** A message is dropped when its `expiration` is over. */
  readonly expiration: boolean
  /** What the size of a queue is that nobody has declared: an error, or nothing. */
  readonly unknownQueue: 'not-found' | 'empty'
  /** Mailboxes work between processes. */
  readonly mailboxes: boolean
  /** What becomes of a message whose holder was killed. */
  readonly killedHolder: 'returns' | 'lost'
}

/** Observed with 5.2.4 and 5.6.2; `kombu-facts.test.ts` observes them again. */
export const kombuFacts: Readonly<Record<BrokerName, KombuFacts>> = {
  redis: {
    sharedBindings: true,
    starSpansWords: true,
    requeue: 'last',
    redelivered: true,
    priorities: 'low-first',
    expiration: false,
    unknownQueue: 'not-found',
    mailboxes: true,
    killedHolder: 'returns',
  },
  sqlite: {
    sharedBindings: false,
    starSpansWords: true,
    requeue: 'last',
    redelivered: false,
    priorities: false,
    expiration: false,
    unknownQueue: 'empty',
    mailboxes: false,
    killedHolder: 'lost',
  },
}
