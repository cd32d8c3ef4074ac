/** A benchmark asks one question: who does what, how fast, compared with whom. */
import type { Workload } from './measure.ts'

/** One comparison or one absolute figure. */
export interface Comparison {
  /** Appears in the result: `publish, 500 in flight`. */
  readonly name: string
  readonly workload: Workload
  /** The contenders compared with; without any, the figure itself counts. */
  readonly peers?: readonly string[]
  /** Least acceptable ratio of ours to each of theirs, or messages per second. */
  readonly atLeast: number
}

/** A named set of comparisons on one broker. */
export interface Question {
  readonly name: string
  /** What is measured, against what, under which conditions: printed first. */
  readonly description: string
  readonly comparisons: readonly Comparison[]
  /** Starts the brokers; resolves with the URL for a comparison, and how to empty and to stop them. */
  open(): Promise<Place>
}

/** Where a question is asked. */
export interface Place extends AsyncDisposable {
  urlOf(comparison: Comparison): string
  /** Leaves nothing of the measurement before. */
  empty(): Promise<void>
}
