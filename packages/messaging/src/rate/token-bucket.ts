/** Where a {@link TokenBucket} gets its time from. */
export interface TokenBucketOptions {
  /** A clock that never goes back, in milliseconds. Default `performance.now`. */
  readonly now?: () => number
}

/**
 * Lets so many things happen per second, and so many at once.
 *
 * Starts full. Source: kombu/utils/limits.py, TokenBucket; unlike there, a bucket that was full for
 * long cannot be emptied twice.
 */
export class TokenBucket {
  readonly fillRatePerSecond: number
  readonly capacity: number
  readonly #now: () => number
  #tokens: number
  #filledAt: number

  /** @throws {RangeError} for a negative rate, or a capacity that is not positive. */
  constructor(fillRatePerSecond: number, capacity = 1, options: TokenBucketOptions = {}) {
    if (!(fillRatePerSecond >= 0)) {
      throw new RangeError(`fillRatePerSecond has to be at least 0, not ${fillRatePerSecond}`)
    }
    if (!(capacity > 0)) throw new RangeError(`capacity has to be more than 0, not ${capacity}`)
    this.fillRatePerSecond = fillRatePerSecond
    this.capacity = capacity
    this.#now = options.now ?? (() => performance.now())
    this.#tokens = capacity
    this.#filledAt = this.#now()
  }

  /** Takes so many tokens if they are there, or none. */
  canConsume(tokens = 1): boolean {
    this.#fill()
    if (tokens > this.#tokens) return false
    this.#tokens -= tokens
    return true
  }

  /** Time until so many tokens are there: 0 if they are, `Infinity` if they never will be. */
  expectedTimeMs(tokens = 1): number {
    this.#fill()
    if (tokens <= this.#tokens) return 0
    if (tokens > this.capacity) return Number.POSITIVE_INFINITY
    return ((tokens - this.#tokens) / this.fillRatePerSecond) * 1000
  }

  #fill(): void {
    const now = this.#now()
    const filled = ((now - this.#filledAt) / 1000) * this.fillRatePerSecond
    this.#tokens = Math.min(this.capacity, this.#tokens + filled)
    this.#filledAt = now
  }
}
