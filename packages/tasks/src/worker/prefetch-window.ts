/** How a window is told to the broker. */
export interface PrefetchWindowOptions {
  /** Messages ahead when nothing is held; 0 is no limit. */
  readonly baseCount: number
  /** At most so many held ones widen it; what is early beyond that waits in the broker. */
  readonly heldLimit: number
  readonly apply: (prefetchCount: number) => Promise<void>
  readonly onError: (error: unknown) => void
}

/**
 * Keeps held tasks from filling the window: each one that waits for its time widens it by one, so that as many others arrive as
 * without it. Told to the broker once per turn. Source: celery/worker/strategy.py, `qos.increment_eventually()`.
 */
export class PrefetchWindow {
  readonly #options: PrefetchWindowOptions
  #wanted: number
  #told: number
  #isTelling = false

  constructor(options: PrefetchWindowOptions) {
    this.#options = options
    this.#wanted = options.baseCount
    this.#told = options.baseCount
  }

  /** @param count How many are held now. */
  held(count: number): void {
    const { baseCount, heldLimit } = this.#options
    if (baseCount === 0) return
    this.#wanted = baseCount + Math.min(count, heldLimit)
    if (this.#isTelling || this.#wanted === this.#told) return
    this.#isTelling = true
    process.nextTick(() => void this.#tell())
  }

  async #tell(): Promise<void> {
    const { apply, onError } = this.#options
    while (this.#told !== this.#wanted) {
      const count = this.#wanted
      this.#told = count
      await apply(count).catch(onError)
    }
    this.#isTelling = false
  }
}
