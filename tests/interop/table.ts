/** What a run prints: a row for each group of trials, reasons, failures, the count. Pure. */
import type { Trial } from './batch.ts'

interface Group {
  passed: number
  failed: number
  impossible: number
}

/** Failures of one group that are shown; the others are counted. */
const shownFailures = 10

/** Collects the outcomes of a run. */
export class InteropTable {
  readonly #trials: readonly Trial[]
  readonly #groups = new Map<string, Group>()
  readonly #failures: string[] = []
  #passedCount = 0

  /** @param trials All that there are, in the order of the table. */
  constructor(trials: readonly Trial[]) {
    this.#trials = trials
    for (const { group } of trials) this.#groups.set(group, { passed: 0, failed: 0, impossible: 0 })
  }

  /** What was not tried has failed. */
  get failureCount(): number {
    return this.#trials.length - this.#passedCount
  }

  /** @param outcomes What is wrong with each trial; `undefined`: nothing. */
  add(trials: readonly Trial[], outcomes: readonly (string | undefined)[]): void {
    trials.forEach((trial, index) => {
      this.#addOne(trial, index < outcomes.length ? outcomes[index] : 'it has no outcome')
    })
  }

  /** A line for each group, and one for each reason why something is impossible. */
  rows(): readonly string[] {
    const width = Math.max(0, ...[...this.#groups.keys()].map((name) => name.length))
    const rows = [...this.#groups].map(([name, group]) => `${name.padEnd(width)}  ${rowOf(group)}`)
    const reasons = new Set(this.#trials.flatMap(({ impossible }) => impossible ?? []))
    return [...rows, ...[...reasons].map((reason) => `impossible: ${reason}`)]
  }

  /** What failed, and why. */
  failures(): readonly string[] {
    return this.#failures
  }

  /** `N cells: N passed, N failed`. */
  total(): string {
    const { length } = this.#trials
    return `${length} cells: ${this.#passedCount} passed, ${this.failureCount} failed`
  }

  #addOne({ name, group, impossible }: Trial, failure: string | undefined): void {
    const counts = this.#groups.get(group) ?? { passed: 0, failed: 0, impossible: 0 }
    this.#groups.set(group, counts)
    if (impossible !== undefined) counts.impossible += 1
    if (failure !== undefined) {
      this.#fail(counts, `FAILED ${name}: ${failure}`)
      return
    }
    counts.passed += 1
    this.#passedCount += 1
  }

  #fail(counts: Group, line: string): void {
    counts.failed += 1
    if (counts.failed <= shownFailures) this.#failures.push(line)
    if (counts.failed === shownFailures + 1) this.#failures.push('FAILED more of the same group')
  }
}

function rowOf({ passed, failed, impossible }: Group): string {
  const note = impossible === 0 ? '' : `  (${impossible} impossible, seen not to work)`
  return `${String(passed).padStart(4)} passed  ${failed} failed${note}`
}
