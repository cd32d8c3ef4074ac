/** Looks at regular times, and knows when it could not. */

/** Time since the last look. */
export interface ElapsedTime {
  readonly ms: number
  /** How much of it this process was stopped, or too busy to look. */
  readonly stoppedMs: number
}

const shortestMs = 5
const longestMs = 1_000

/** A timer that holds no process open. */
export class SilenceWatch {
  readonly #intervalMs: number
  readonly #onLook: (elapsed: ElapsedTime) => void
  #timer: NodeJS.Timeout | undefined
  #lastMs = 0

  /** @param intervalMs Held between 5 and 1000. */
  constructor(intervalMs: number, onLook: (elapsed: ElapsedTime) => void) {
    this.#intervalMs = Math.min(longestMs, Math.max(shortestMs, intervalMs))
    this.#onLook = onLook
  }

  start(): void {
    this.stop()
    this.#lastMs = performance.now()
    this.#timer = setInterval(() => this.#look(), this.#intervalMs)
    this.#timer.unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    const now = performance.now()
    const ms = now - this.#lastMs
    this.#lastMs = now
    const lateMs = ms - this.#intervalMs
    this.#onLook({ ms, stoppedMs: lateMs > this.#intervalMs ? lateMs : 0 })
  }
}
