/**
 * Everything that is to be tried between us and Kombu, and how: plain cells and scenarios, each with one result.
 */
import { randomUUID } from 'node:crypto'
import { Connection } from '@dashi/messaging'
import { runCell } from './cell.ts'
import { startKombuPeer } from './kombu-peer.ts'
import { type Cell, cellName, matrix } from './matrix.ts'
import { type BrokerUrls, Parties } from './parties.ts'
import { findPython } from './python.ts'
import { type ScenarioCell, scenarioCells, scenarioName } from './scenario.ts'

/** One thing to try. */
export interface Trial {
  readonly name: string
  /** Columns of the table. */
  readonly group: string
  /** Why the original itself cannot do it: the trial then shows that it really does not work. */
  readonly impossible: string | undefined
  /** Resolves with what is wrong; `undefined` when nothing is. */
  run(): Promise<string | undefined>
}

/** Longest wait for a message that has to arrive. */
const arrivalMs = 10_000
/** For one that must not: long enough for Kombu, which looks every 20 ms. */
const absenceMs = 300

/** The trials of one run. Disposing ends whatever they started. */
export class InteropRun implements AsyncDisposable {
  readonly trials: readonly Trial[]
  readonly #urls: BrokerUrls
  readonly #parties: Parties

  constructor(urls: BrokerUrls) {
    this.#urls = urls
    this.#parties = new Parties(urls)
    this.trials = [
      ...matrix().map((cell) => this.#cellTrial(cell)),
      ...scenarioCells().map((cell) => this.#scenarioTrial(cell)),
    ]
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#parties[Symbol.asyncDispose]()
  }

  #cellTrial(cell: Cell): Trial {
    const { publisher, consumer, broker, impossible } = cell
    return {
      name: cellName(cell),
      group: `${publisher} > ${consumer} ${broker}`,
      impossible,
      run: () => this.#runCell(cell),
    }
  }

  async #runCell(cell: Cell): Promise<string | undefined> {
    const { broker, impossible } = cell
    const failure = await runCell(cell, {
      publisher: await this.#parties.party({ name: cell.publisher, side: 'publisher', broker }),
      consumer: await this.#parties.party({ name: cell.consumer, side: 'consumer', broker }),
      unique: randomUUID(),
      timeoutMs: impossible === undefined ? arrivalMs : absenceMs,
    })
    if (impossible === undefined) return failure
    return failure === undefined ? `it works, although: ${impossible}` : undefined
  }

  #scenarioTrial(cell: ScenarioCell): Trial {
    return {
      name: scenarioName(cell),
      group: `${cell.release} ${cell.broker} scenarios`,
      impossible: undefined,
      run: () => this.#runScenario(cell),
    }
  }

  async #runScenario({ scenario, release, broker }: ScenarioCell): Promise<string | undefined> {
    const { path: python, reason } = findPython(release)
    if (python === undefined) return reason
    const url = this.#urls[broker]
    await using peer = await startKombuPeer(python)
    await using ours = new Connection(url)
    const connecting = { url, polling_interval: 0.02 }
    const { connection } = await peer.request('connect', connecting)
    return await scenario.run({ ours, peer, connection, url, python, unique: randomUUID() })
  }
}

/** A trial's outcome; a thrown error is one too. */
export async function outcomeOf(trial: Trial): Promise<string | undefined> {
  try {
    return await trial.run()
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
