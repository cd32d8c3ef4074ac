/** A test of Kombu's, told so that either language can be on either end. */
import { Connection } from '@dashi/messaging'
import { patientMs } from '../broker-address.ts'
import type { BrokerName, ExchangeKind, PartyName } from '../matrix.ts'
import type { End } from './end.ts'

/** Where the tests run. Kombu runs its own over Redis with and without a prefix. */
export const mirrorPlaces = ['rabbitmq', 'redis', 'redis-prefix', 'sqlite', 'filesystem'] as const

/** One of them. */
export type MirrorPlace = (typeof mirrorPlaces)[number]

/** Where a test stands. */
export interface Stage {
  readonly publisher: End
  readonly consumer: End
  readonly place: MirrorPlace
  /** For connections of ours; several fail over. */
  readonly urls: readonly string[]
  /** Where nobody answers. */
  readonly nowhere: string
  /** Kombu's name of a queue or an exchange, made unique. */
  name(base: string): string
}

/** One test. */
export interface Mirror {
  /** `both`: publisher and consumer may be of different languages; `ours`: there is one side. */
  readonly sides: 'both' | 'ours'
  readonly places: readonly MirrorPlace[]
  /** Through which kind of exchange, where that is not possible for all. */
  readonly exchange?: ExchangeKind
  /** With an address in front at which nobody answers. Default false. */
  readonly isFailover?: boolean
  /** Why a release of Kombu cannot do it as a consumer; `undefined` when it can. Default: all can. */
  impossible?(consumer: PartyName): string | undefined
  /** Rejects when something is not as in Kombu's test. */
  run(stage: Stage): Promise<void>
}

/** By the names of Kombu's tests. */
export type Mirrors = Readonly<Record<string, Mirror>>

/** The broker of a place. */
export function brokerOf(place: MirrorPlace): BrokerName {
  return place === 'redis-prefix' ? 'redis' : place
}

/** Longest wait for what has to come. */
export const arrivalMs = 10_000

/** For what must not come: long enough for Kombu, which looks every 20 ms. */
export const absenceMs = 300

/** A connection of ours to the stage's broker. */
export function ourConnection({ urls }: Stage): Connection {
  return new Connection(urls, { connectTimeoutMs: patientMs })
}
