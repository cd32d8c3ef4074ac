/** Measures pieces of code beside a baseline, in this process: both in turns, round by round. */

/** Something to do, and the plainest way to do as much. */
export interface Case {
  readonly name: string
  readonly baseline: string
  readonly run: () => unknown
  readonly runBaseline: () => unknown
  /** Largest acceptable ratio of the times; without one, the figure is only told. */
  readonly atMost?: number
}

/** Microseconds of the processor for one call, round by round. */
export interface CaseSeries {
  readonly ours: readonly number[]
  readonly theirs: readonly number[]
}

/** How long either runs in each round. */
const roundMs = 25

/** What was made last, so that nothing is optimised away. */
const sink: { value?: unknown } = {}

/** In so many rounds, after one that warms up. */
export function measureCase({ run, runBaseline }: Case, rounds: number): CaseSeries {
  const [ours, theirs]: [number[], number[]] = [[], []]
  for (let round = -1; round < rounds; round += 1) {
    const isOursFirst = round % 2 === 0
    const first = microsOf(isOursFirst ? run : runBaseline)
    const second = microsOf(isOursFirst ? runBaseline : run)
    // The first round warms up.
    if (round < 0) continue
    ours.push(isOursFirst ? first : second)
    theirs.push(isOursFirst ? second : first)
  }
  return { ours, theirs }
}

/** Microseconds of the processor for one call: what else the machine does meanwhile is not counted. */
function microsOf(run: () => unknown): number {
  const start = process.cpuUsage()
  let count = 0
  let elapsed = 0
  for (let batch = 1; elapsed < roundMs * 1000; batch = Math.min(batch * 2, 256)) {
    for (let call = 0; call < batch; call += 1) sink.value = run()
    count += batch
    const { user, system } = process.cpuUsage(start)
    elapsed = user + system
  }
  return elapsed / count
}
