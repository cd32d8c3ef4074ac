/** A prefetch count that many change, and that is told to the broker now and then. Kombu's QoS. */

/** Tells the broker, e.g. `(options) => consumer.qos(options)`. */
export type ApplyPrefetch = (options: { readonly prefetchCount: number }) => void | Promise<void>

/** Options of a `Qos`. */
export interface QosLimits {
  /** It never grows beyond. Default: none. */
  readonly maxPrefetch?: number | undefined
}

/** AMQP carries it in 16 bits. */
const largestCount = 65_535

/**
 * Counts up and down at once, and applies when told to. 0 stands for "no limit" and stays.
 *
 * @example
 * const qos = new Qos((options) => consumer.qos(options), 100)
 * qos.incrementEventually(10)
 * await qos.update()
 * @see kombu/common.py, QoS
 */
export class Qos {
  readonly #apply: ApplyPrefetch
  readonly #maxPrefetch: number
  #value: number
  #applied: number | undefined

  constructor(apply: ApplyPrefetch, initialValue: number, limits: QosLimits = {}) {
    this.#apply = apply
    this.#value = initialValue
    this.#maxPrefetch = limits.maxPrefetch ?? Number.POSITIVE_INFINITY
  }

  /** The count to be applied by the next `update()`. */
  get value(): number {
    return this.#value
  }

  /** The count that was applied last. Kombu's `prev`. */
  get applied(): number | undefined {
    return this.#applied
  }

  /** @returns the new value. */
  incrementEventually(count = 1): number {
    if (this.#value > 0) this.#value = Math.min(this.#maxPrefetch, this.#value + Math.max(count, 0))
    return this.#value
  }

  /** Not below 1. @returns the new value. */
  decrementEventually(count = 1): number {
    if (this.#value > 0) this.#value = Math.max(1, this.#value - count)
    return this.#value
  }

  /** Applies a count if it is not the one applied last. More than 65 535 is applied as "no limit". @returns the count. */
  async set(count: number): Promise<number> {
    if (count === this.#applied) return count
    await this.#apply({ prefetchCount: count > largestCount ? 0 : count })
    this.#applied = count
    return count
  }

  /** Applies the value. */
  update(): Promise<number> {
    return this.set(this.#value)
  }
}
