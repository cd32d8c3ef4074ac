/**
 * Everything that is to be tried between us and Kombu, and how: rounds of cells and scenarios.
 */
import { randomUUID } from 'node:crypto'
import { Connection } from '@dashi/messaging'
import type { BrokerAddresses } from './broker-address.ts'
import { kombuFacts } from './kombu-facts.ts'
import {
  type BrokerName,
  cellName,
  cellsOf,
  type Pairing,
  pairingName,
  pairings,
} from './matrix.ts'
import { Parties } from './parties.ts'
import { findPython } from './python.ts'
import { runRound } from './round.ts'
import { type ScenarioCell, scenarioCells, scenarioName } from './scenario.ts'

/** One thing to try. */
export interface Trial {
  readonly name: string
  /** Row of the table. */
  readonly group: string
  /** Why it cannot be done: the trial then shows that it really does not work. */
  readonly impossible: string | undefined
}

/** Trials that are carried out together. */
export interface Batch {
  readonly name: string
  readonly broker: BrokerName
  readonly trials: readonly Trial[]
  /** Resolves with what is wrong with each trial; `undefined` when nothing is. */
  run(): Promise<readonly (string | undefined)[]>
}

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
    return { name: group, broker, trials, run }
  }

  #scenario(cell: ScenarioCell): Batch {
    const { release, broker } = cell
    const name = scenarioName(cell)
    const trial = { name, group: `${release} ${broker} scenarios`, impossible: undefined }
    const run = async () => [await this.#runScenario(cell)]
    return { name, broker, trials: [trial], run }
  }

  async #runScenario({ scenario, release, broker }: ScenarioCell): Promise<string | undefined> {
    const { path: python, reason } = findPython(release)
    if (python === undefined) return reason
    const address = this.#addresses[broker]
    const peer = await this.#parties.peer(release, `${broker} scenarios`)
    await using ours = new Connection(address.url)
    const { connection } = await peer.request('connect', address.kombu)
    const facts = kombuFacts[release][broker]
    const sides = { ours, peer, connection, address, python, facts }
    const failure = await scenario.run({ ...sides, unique: randomUUID(), broker, release })
    await peer.request('close', { connection })
    return failure
  }
}

/** The outcome of a batch's trials; a thrown error is one of each. */
export async function outcomesOf(batch: Batch): Promise<readonly (string | undefined)[]> {
  try {
    return await batch.run()
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error)
    return batch.trials.map(() => failure)
  }
}
