/** What a run tries, in what pieces. */
import type { BrokerName } from './matrix.ts'

/** One thing to try. */
export interface Trial {
  readonly name: string
  /** The test of Kombu's that it mirrors, if it does, and where. */
  readonly mirrors?: { readonly test: string; readonly place: string }
  /** Row of the table. */
  readonly group: string
  /** Why it cannot be done: the trial then shows that it really does not work. */
  readonly impossible: string | undefined
}

/** Trials that are carried out together. */
export interface Batch {
  readonly name: string
  readonly broker: BrokerName
  /** Batches of one lane run one after the other. */
  readonly lane: string
  readonly trials: readonly Trial[]
  /** Resolves with what is wrong with each trial; `undefined` when nothing is. */
  run(): Promise<readonly (string | undefined)[]>
}

/** The outcome of a batch's trials; a thrown error is one of each. */
export async function outcomesOf(batch: Batch): Promise<readonly (string | undefined)[]> {
  try {
    return await batch.run()
  } catch (error) {
    const failure = messageOf(error)
    return batch.trials.map(() => failure)
  }
}

/** What a thrown thing says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
