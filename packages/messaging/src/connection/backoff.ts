/** How long to wait before the next attempt to connect. Pure. */

/** Shape of the waits. */
export interface BackoffOptions {
  /** The first wait. Default 50 ms. */
  readonly startMs?: number | undefined
  /** The longest wait. Default 1000 ms: a broker that is back is used within a second or so. */
  readonly maxMs?: number | undefined
}

/**
 * Milliseconds before attempt `attempt` (1 = first repetition): doubling, capped, half of it random so that
 * a thousand clients do not come back in the same instant.
 *
 * @param random A number in [0, 1).
 */
export function backoffMs(attempt: number, random: number, options: BackoffOptions = {}): number {
  const { startMs = 50, maxMs = 1000 } = options
  const full = Math.min(maxMs, startMs * 2 ** Math.min(attempt - 1, 30))
  return full / 2 + (full / 2) * random
}
