/**
 * Tells how long something has not moved while this process was watching, by its monotonic clock.
 *
 * Wall clocks jump, and a process that was stopped saw nothing: a pause between two looks counts as
 * no more than the longest that there should be.
 */
export class Stillness {
  readonly #longestGapMs: number
  readonly #seen = new Map<string, { value: number; stillMs: number; atMs: number }>()

  constructor(longestGapMs: number) {
    this.#longestGapMs = longestGapMs
  }

  /** Notes what a thing shows now. @returns for how long it has been seen to show that. */
  observe(id: string, value: number, nowMs: number): number {
    const seen = this.#seen.get(id)
    if (seen?.value !== value) {
      this.#seen.set(id, { value, stillMs: 0, atMs: nowMs })
      return 0
    }
    seen.stillMs += Math.min(nowMs - seen.atMs, this.#longestGapMs)
    seen.atMs = nowMs
    return seen.stillMs
  }

  /** Forgets what is not there any more. */
  keepOnly(ids: ReadonlySet<string>): void {
    for (const id of this.#seen.keys()) if (!ids.has(id)) this.#seen.delete(id)
  }
}
