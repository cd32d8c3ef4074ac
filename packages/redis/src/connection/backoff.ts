/** The longest pause between two attempts to connect. */
const longestMs = 1_000

/**
 * Milliseconds before attempt `attempt` (1 = the first repetition): 50, 100, 200, … capped at a second, half
 * of it by chance, so that many clients do not come back in the same instant.
 *
 * @param random A number in [0, 1).
 */
export function backoffMs(attempt: number, random: number): number {
  const full = Math.min(longestMs, 50 * 2 ** Math.min(attempt - 1, 10))
  return full / 2 + (full / 2) * random
}
