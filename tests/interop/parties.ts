/**
 * Everybody who can stand on an end: started when first asked for, one process (or connection of ours) for
 * each side and broker.
 */
import { Connection } from '@dashi/messaging'
import { type BrokerAddresses, patientMs } from './broker-address.ts'
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
  readonly #peers = new Map<string, Promise<KombuPeer>>()
  readonly #connections = new Map<string, Connection>()

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

  /** A process for a purpose, connected to nothing. @throws {Error} there is no Python for the release. */
  peer(release: KombuRelease, purpose: string): Promise<KombuPeer> {
    const key = `${release} ${purpose}`
    const started = this.#peers.get(key) ?? startPeer(release)
    this.#peers.set(key, started)
    return started
  }

  /** A connection of ours for a purpose, which reads everything that Kombu writes. */
  connection(urls: string | readonly string[], purpose: string): Connection {
    const options = { codecs: allCodecs, connectTimeoutMs: patientMs }
    const connection = this.#connections.get(purpose) ?? new Connection(urls, options)
    this.#connections.set(purpose, connection)
    return connection
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const peers = await Promise.allSettled(this.#peers.values())
    await Promise.all(peers.map((peer) => peer.status === 'fulfilled' && peer.value.close()))
    await Promise.all([...this.#connections.values()].map((connection) => connection.close()))
  }

  async #start({ name, side, broker }: Place): Promise<Party> {
    const address = this.#addresses[broker]
    if (name !== 'dashi') {
      return await kombuParty(await this.peer(name, `${broker} ${side}`), address)
    }
    return dashiParty(this.connection(address.url, `${broker} ${side}`))
  }
}

async function startPeer(release: KombuRelease): Promise<KombuPeer> {
  const { path, reason } = findPython(release)
  if (path === undefined) throw new Error(reason)
  return await startKombuPeer(path)
}
