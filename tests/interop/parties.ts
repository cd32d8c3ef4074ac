/**
 * Everybody who can stand on an end: started when first asked for, one process (or connection of ours) for
 * each side and broker.
 */
import { Connection } from '@dashi/messaging'
import type { BrokerAddresses } from './broker-address.ts'
import { allCodecs, dashiParty } from './dashi-party.ts'
import { kombuParty } from './kombu-party.ts'
import { type KombuPeer, startKombuPeer } from './kombu-peer.ts'
import type { BrokerName, PartyName } from './matrix.ts'
import type { Party } from './party.ts'
import { findPython, type KombuRelease } from './python.ts'

/** Where a party stands. */
export interface Place {
  readonly name: PartyName
  readonly side: 'publisher' | 'consumer'
  readonly broker: BrokerName
}

/** Parties of one run. Disposing ends them. */
export class Parties implements AsyncDisposable {
  readonly #addresses: BrokerAddresses
  readonly #parties = new Map<string, Promise<Party>>()
  readonly #peers: KombuPeer[] = []
  readonly #connections: Connection[] = []

  constructor(addresses: BrokerAddresses) {
    this.#addresses = addresses
  }

  /** @throws {Error} there is no Python for the release. */
  party(place: Place): Promise<Party> {
    const key = `${place.name} ${place.side} ${place.broker}`
    const started = this.#parties.get(key) ?? this.#start(place)
    this.#parties.set(key, started)
    return started
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#peers.map((peer) => peer.close()))
    await Promise.all(this.#connections.map((connection) => connection.close()))
  }

  async #start({ name, broker }: Place): Promise<Party> {
    const address = this.#addresses[broker]
    if (name !== 'dashi') return await kombuParty(await this.#peer(name), address)
    const connection = new Connection(address.url, { codecs: allCodecs })
    this.#connections.push(connection)
    return dashiParty(connection)
  }

  async #peer(release: KombuRelease): Promise<KombuPeer> {
    const { path, reason } = findPython(release)
    if (path === undefined) throw new Error(reason)
    const peer = await startKombuPeer(path)
    this.#peers.push(peer)
    return peer
  }
}
