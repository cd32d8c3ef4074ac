/** The ends of Kombu's tests: each made when first asked for, and used again. */
import type { BrokerAddresses } from '../broker-address.ts'
import type { PartyName } from '../matrix.ts'
import type { Parties } from '../parties.ts'
import { dashiEnd } from './dashi-end.ts'
import type { End } from './end.ts'
import { kombuEnd } from './kombu-end.ts'
import type { MirrorPlace } from './mirror.ts'
import { type MirrorAddress, mirrorAddress } from './mirror-address.ts'

/** Where an end stands. */
export interface EndPlace {
  readonly party: PartyName
  readonly side: 'publisher' | 'consumer'
  readonly place: MirrorPlace
  readonly isFailover: boolean
}

/** Ends of one run; the parties own their processes and connections. */
export class MirrorEnds {
  readonly #addresses: BrokerAddresses
  readonly #parties: Parties
  readonly #ends = new Map<string, Promise<End>>()

  constructor(addresses: BrokerAddresses, parties: Parties) {
    this.#addresses = addresses
    this.#parties = parties
  }

  address(place: MirrorPlace, isFailover: boolean): MirrorAddress {
    return mirrorAddress(this.#addresses, place, isFailover)
  }

  /** @throws {Error} there is no Python for the release, or nobody answers. */
  end(at: EndPlace): Promise<End> {
    const key = `mirror ${at.place} ${at.side}${at.isFailover ? ' failover' : ''}`
    const started = this.#ends.get(`${at.party} ${key}`) ?? this.#start(at, key)
    this.#ends.set(`${at.party} ${key}`, started)
    return started
  }

  async #start({ party, side, place, isFailover }: EndPlace, key: string): Promise<End> {
    const { urls, kombu } = this.address(place, isFailover)
    if (party === 'dashi') return dashiEnd(this.#parties.connection(urls, key))
    const peer = await this.#parties.peer(party, `mirror ${place} ${side}`)
    const { connection } = await peer.request('connect', kombu)
    return kombuEnd({ peer, connection })
  }
}
