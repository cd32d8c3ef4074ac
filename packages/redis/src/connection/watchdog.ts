/** What goes over a connection, counted since its beginning. */
export interface Traffic {
  readonly sentCount: number
  readonly answeredCount: number
  /** Pieces of answers, and of what the server says by itself. */
  readonly receivedCount: number
}

/** What a watchdog is told to watch. */
export interface WatchdogOptions {
  readonly traffic: Traffic
  /** Longest time without a sign of life while an answer is owed. */
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
 * server is noticed after one to one and a half times the limit; one that sends a long answer slowly is not silent.
 */
export class Watchdog {
  readonly #options: WatchdogOptions
  readonly #intervalMs: number
  readonly #timer: NodeJS.Timeout
  #receivedBefore = 0
  #sentBefore = 0
  #stalledTicks = 0
  #quietMs = 0

  constructor(options: WatchdogOptions) {
    this.#options = options
    this.#intervalMs = Math.min(options.timeoutMs / 2, options.healthCheckIntervalMs)
    this.#timer = setInterval(() => this.#look(), this.#intervalMs)
    this.#timer.unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    const { sentCount, answeredCount, receivedCount } = this.#options.traffic
    const owed = this.#sentBefore > answeredCount
    const stalled = owed && this.#receivedBefore === receivedCount
    this.#stalledTicks = stalled ? this.#stalledTicks + 1 : 0
    this.#quietMs = sentCount === this.#sentBefore ? this.#quietMs + this.#intervalMs : 0
    this.#receivedBefore = receivedCount
    this.#sentBefore = sentCount

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
