/** A thing that was taken from a pool. */

/** What a pool does when it gets one back. */
export interface PoolReturns<T> {
  release(pooled: Pooled<T>): Promise<void>
  replace(pooled: Pooled<T>): Promise<void>
}

/**
 * Give it back once, by `release()` or `await using`; a second time does nothing.
 *
 * @example
 * await using pooled = await pool.acquire()
 * await pooled.value.publish({ id: 7 }, { routingKey: 'orders' })
 */
export class Pooled<T> implements AsyncDisposable {
  readonly value: T
  readonly #pool: PoolReturns<T>

  constructor(value: T, pool: PoolReturns<T>) {
    this.value = value
    this.#pool = pool
  }

  /** Back into the pool, for the next one. */
  release(): Promise<void> {
    return this.#pool.release(this)
  }

  /** It is broken: closed, and a new one takes its place when needed. */
  replace(): Promise<void> {
    return this.#pool.replace(this)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release()
  }
}
