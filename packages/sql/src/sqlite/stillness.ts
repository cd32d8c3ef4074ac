/**
 * Tells how long something has not moved, by this process's monotonic clock.
 *
 * Wall clocks jump (time servers, a laptop that slept), so a row that has run out by the wall clock
 * counts as abandoned only when it also stood still while this process was watching.
 */
export class Stillness {
  readonly #seen = new Map<number, { readonly value: number; readonly sinceMs: number }>()

  /**
   * Notes what a row shows now.
   *
   * @param nowMs Monotonic.
   * @returns milliseconds since the value was first seen; 0 for a new one.
   */
  observe(id: number, value: number, nowMs: number): number {
    const seen = this.#seen.get(id)
    if (seen?.value === value) return nowMs - seen.sinceMs
    this.#seen.set(id, { value, sinceMs: nowMs })
    return 0
  }

  /** Forgets rows that no longer exist. */
  keepOnly(ids: ReadonlySet<number>): void {
    for (const id of this.#seen.keys()) if (!ids.has(id)) this.#seen.delete(id)
  }

  /** Starts watching anew: nothing that was seen before counts. */
  forget(): void {
    this.#seen.clear()
  }
}
