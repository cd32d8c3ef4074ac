import type { GetOptions, ResultNode } from './result-node.ts'

/** Results that one waits for together, in the order in which they were added. Celery's `ResultSet`. */
export class ResultSet<T = unknown> {
  #results: ResultNode[]

  constructor(results: Iterable<ResultNode> = []) {
    this.#results = [...results]
  }

  get results(): readonly ResultNode[] {
    return this.#results
  }

  get length(): number {
    return this.#results.length
  }

  [Symbol.iterator](): Iterator<ResultNode> {
    return this.#results[Symbol.iterator]()
  }

  /** Adds a result unless it is in already. */
  add(result: ResultNode): void {
    if (!this.#results.some(({ id }) => id === result.id)) this.#results.push(result)
  }

  /** Adds those that are not in already. */
  update(results: Iterable<ResultNode>): void {
    for (const result of results) this.add(result)
  }

  /** Takes a result out. @throws {RangeError} it is not in. */
  remove(result: ResultNode | string): void {
    if (!this.discard(result)) throw new RangeError(`Result ${idOf(result)} is not in this set`)
  }

  /** Takes a result out, if it is in. @returns whether it was. */
  discard(result: ResultNode | string): boolean {
    const before = this.#results.length
    this.#results = this.#results.filter(({ id }) => id !== idOf(result))
    return this.#results.length < before
  }

  clear(): void {
    this.#results = []
  }

  /** Whether all succeeded. */
  async successful(): Promise<boolean> {
    return (await this.#ask((result) => result.successful())).every(Boolean)
  }

  /** Whether any failed. */
  async failed(): Promise<boolean> {
    return (await this.#ask((result) => result.failed())).some(Boolean)
  }

  /** Whether any is not done. */
  async waiting(): Promise<boolean> {
    return !(await this.ready())
  }

  /** Whether all are done. */
  async ready(): Promise<boolean> {
    return (await this.#ask((result) => result.ready())).every(Boolean)
  }

  /** How many succeeded. */
  async completedCount(): Promise<number> {
    return (await this.#ask((result) => result.successful())).filter(Boolean).length
  }

  async forget(): Promise<void> {
    await this.#ask((result) => result.forget())
  }

  /**
   * Waits for all, at the same time.
   *
   * @returns values in order; with `propagate: false` errors among them.
   * @throws the error of the first that fails, at once; as `AsyncResult.get()`.
   */
  async get(options: GetOptions = {}): Promise<T[]> {
    const stop = new AbortController()
    const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal
    try {
      const values = await this.#ask((result) => result.get({ ...options, signal }))
      return values as T[] // The caller's claim of what the tasks return.
    } finally {
      stop.abort()
    }
  }

  /** The same as `get()`. */
  join(options: GetOptions = {}): Promise<T[]> {
    return this.get(options)
  }

  /** Each result with its value, or with `propagate: false` its error, as it becomes ready. Celery's `iter_native()`. */
  async *iterate(options: GetOptions = {}): AsyncGenerator<readonly [ResultNode, unknown]> {
    const stop = new AbortController()
    const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal
    const pending = new Map(
      this.#results.map((result) => [result, withValue(result, { ...options, signal })]),
    )
    // What is left when the first one fails rejects as well, and nobody waits for it any more.
    for (const waiting of pending.values()) waiting.catch(() => undefined)
    try {
      while (pending.size > 0) {
        const next = await Promise.race(pending.values())
        pending.delete(next[0])
        yield next
      }
    } finally {
      stop.abort()
    }
  }

  #ask<Answer>(question: (result: ResultNode) => Promise<Answer>): Promise<Answer[]> {
    return Promise.all(this.#results.map(question))
  }
}

async function withValue(
  result: ResultNode,
  options: GetOptions,
): Promise<readonly [ResultNode, unknown]> {
  return [result, await result.get(options)]
}

function idOf(result: ResultNode | string): string {
  return typeof result === 'string' ? result : result.id
}
