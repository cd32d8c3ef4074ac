/** What a watchdog is told to watch. */
export interface WatchdogOptions {
  /** Longest time without an answer while one is owed. */
  readonly timeoutMs: number
  /** Longest silence before the server is asked. */
  readonly healthCheckIntervalMs: number
  /** Asks the server for a sign of life. */
  readonly ping: () => void
  /** Called once. */
  readonly onSilent: (forMs: number) => void
}

/**
 * Notices a connection that is open and dead: a stopped server, a cable cut without a goodbye.
 *
 * Counts instead of timing each command: one timer per connection, whatever its load. A silent
 * server is noticed after one to one and a half times the limit.
 */
export class Watchdog {
  readonly #options: WatchdogOptions
  readonly #intervalMs: number
  readonly #timer: NodeJS.Timeout
  #sentCount = 0
  #answeredCount = 0
  #answeredBefore = 0
  #sentBefore = 0
  #stalledTicks = 0
  #quietMs = 0

  constructor(options: WatchdogOptions) {
    this.#options = options
    this.#intervalMs = Math.min(options.timeoutMs / 2, options.healthCheckIntervalMs)
    this.#timer = setInterval(() => this.#look(), this.#intervalMs)
    this.#timer.unref()
  }

  sent(): void {
    this.#sentCount += 1
  }

  answered(): void {
    this.#answeredCount += 1
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    const owed = this.#sentBefore > this.#answeredCount
    const stalled = owed && this.#answeredBefore === this.#answeredCount
    this.#stalledTicks = stalled ? this.#stalledTicks + 1 : 0
    this.#quietMs = this.#sentCount === this.#sentBefore ? this.#quietMs + this.#intervalMs : 0
    this.#answeredBefore = this.#answeredCount
    this.#sentBefore = this.#sentCount

    const stalledMs = this.#stalledTicks * this.#intervalMs
    if (stalledMs >= this.#options.timeoutMs) {
      this.stop()
      this.#options.onSilent(stalledMs)
    } else if (!owed && this.#quietMs >= this.#options.healthCheckIntervalMs) {
      this.#quietMs = 0
      this.#options.ping()
    }
  }
}
