/** From interleaved measurements to ratios. Pure. */

/** The middle of a list; of an even one the mean of both middles. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

/** Ratios of two series measured in the same rounds, round by round: the host's moods cancel out. */
export function ratios(ours: readonly number[], theirs: readonly number[]): readonly number[] {
  return ours.map((value, round) => value / (theirs[round] ?? Number.NaN))
}

/** Two digits after the point. */
export function rounded(value: number): number {
  return Math.round(value * 100) / 100
}
