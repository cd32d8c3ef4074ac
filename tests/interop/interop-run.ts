/**
 * Everything that is to be tried between us and Kombu, and how: rounds of cells and scenarios.
 */
import { randomUUID } from 'node:crypto'
import { Connection } from '@dashi/messaging'
import type { Batch } from './batch.ts'
import { type BrokerAddresses, patientMs } from './broker-address.ts'
import { kombuFacts } from './kombu-facts.ts'
import { mirrorBatches } from './kombu-mirror/mirror-batches.ts'
import { cellName, cellsOf, type Pairing, pairingName, pairings } from './matrix.ts'
import { Parties } from './parties.ts'
import { findPython } from './python.ts'
import { runRound } from './round.ts'
import { type ScenarioCell, scenarioCells, scenarioName } from './scenario.ts'

/** Longest wait for messages that have to arrive. */
const arrivalMs = 20_000
/** For those that must not: long enough for Kombu, which looks every 20 ms. */
const absenceMs = 300

/** The trials of one run. Disposing ends whatever they started. */
export class InteropRun implements AsyncDisposable {
  readonly batches: readonly Batch[]
  readonly #addresses: BrokerAddresses
  readonly #parties: Parties

  /** @param isWanted Whether to try what has this name. Default: everything. */
  constructor(addresses: BrokerAddresses, isWanted: (name: string) => boolean = () => true) {
    this.#addresses = addresses
    this.#parties = new Parties(addresses)
    const scenarios = scenarioCells().filter((cell) => isWanted(scenarioName(cell)))
    this.batches = [
      ...pairings().map((pairing) => this.#round(pairing, isWanted)),
      ...scenarios.map((cell) => this.#scenario(cell)),
      ...mirrorBatches({ addresses, parties: this.#parties, isWanted }),
    ].filter(({ trials }) => trials.length > 0)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#parties[Symbol.asyncDispose]()
  }

  #round(pairing: Pairing, isWanted: (name: string) => boolean): Batch {
    const cells = cellsOf(pairing).filter((cell) => isWanted(cellName(cell)))
    const { publisher, consumer, broker } = pairing
    const group = pairingName(pairing)
    const trials = cells.map((cell) => ({
      ...{ name: cellName(cell), group, impossible: cell.impossible },
    }))
    const run = async () =>
      await runRound(cells, {
        publisher: await this.#parties.party({ name: publisher, side: 'publisher', broker }),
        consumer: await this.#parties.party({ name: consumer, side: 'consumer', broker }),
        unique: randomUUID(),
        ...{ arrivalMs, absenceMs },
      })
    return { name: group, broker, lane: broker, trials, run }
  }

  #scenario(cell: ScenarioCell): Batch {
    const { release, broker } = cell
    const name = scenarioName(cell)
    const trial = { name, group: `${release} ${broker} scenarios`, impossible: undefined }
    const run = async () => [await this.#runScenario(cell)]
    return { name, broker, lane: broker, trials: [trial], run }
  }

  async #runScenario({ scenario, release, broker }: ScenarioCell): Promise<string | undefined> {
    const { path: python, reason } = findPython(release)
    if (python === undefined) return reason
    const address = this.#addresses[broker]
    const peer = await this.#parties.peer(release, `${broker} scenarios`)
    await using ours = new Connection(address.url, { connectTimeoutMs: patientMs })
    const { connection } = await peer.request('connect', address.kombu)
    const facts = kombuFacts[release][broker]
    const sides = { ours, peer, connection, address, python, facts }
    const failure = await scenario.run({ ...sides, unique: randomUUID(), broker, release })
    await peer.request('close', { connection })
    return failure
  }
}
