/** Lends a bounded number of things: the one used last first, so that the others may rest. Kombu's Resource. */
import { withDeadline } from '../deadline.ts'
import { ConfigurationError, ConnectionError, LimitExceededError, TimeoutError } from '../errors.ts'
import type { OperationOptions } from '../operation-options.ts'
import { Pooled, type PoolReturns } from './pooled.ts'

/** Where the things come from, and how they end. */
export interface PoolSource<T> {
  /** What they are, for errors: `connections`. */
  readonly what: string
  /** Things that are not used are kept for the next one. Default `true`, in a pool with a limit. */
  readonly keepsIdle?: boolean
  create(options: OperationOptions): T | Promise<T>
  close(value: T): unknown
  /** False for one that must not be lent again. */
  isUsable(value: T): boolean
}

/** Options of a pool. */
export interface PoolOptions {
  /** Most things lent and kept at a time. Default 0: no limit, and nothing is kept. */
  readonly limit?: number | undefined
}

/** Options of `acquire`. */
export interface AcquireOptions extends OperationOptions {
  /** Wait for one to be given back. Default `false`. */
  readonly block?: boolean | undefined
  /** Longest wait. Default: until there is one. */
  readonly timeoutMs?: number | undefined
}

/** Options of `resize`. */
export interface ResizeOptions {
  /** Also below what is lent: what is too much is closed when it is given back. Default `false`. */
  readonly force?: boolean | undefined
  /** Close everything first, what is lent too. Default `false`. */
  readonly reset?: boolean | undefined
}

/** See `ConnectionPool`, `ChannelPool`, `ProducerPool`. */
export class ResourcePool<T> implements PoolReturns<T>, AsyncDisposable {
  readonly #source: PoolSource<T>
  #limit: number
  readonly #idle: T[] = []
  readonly #lent = new Set<Pooled<T>>()
  #makingCount = 0
  readonly #waiters = new Set<() => void>()
  #isClosed = false

  /** @throws {ConfigurationError} `BAD_OPTION`: a limit that is negative or no whole number. */
  constructor(source: PoolSource<T>, options: PoolOptions = {}) {
    this.#source = source
    this.#limit = checkedLimit(options.limit ?? 0)
  }

  /** Most things lent and kept at a time; 0 = no limit. */
  get limit(): number {
    return this.#limit
  }

  get lentCount(): number {
    return this.#lent.size
  }

  get idleCount(): number {
    return this.#idle.length
  }

  /**
   * Takes one.
   *
   * @throws {LimitExceededError} all are lent; with `block`, none came back in time.
   * @throws what making one threw; `signal.reason`; {ConnectionError} `CONNECTION_CLOSED`: the pool was closed.
   */
  async acquire(options: AcquireOptions = {}): Promise<Pooled<T>> {
    const { block = false, timeoutMs, signal } = options
    const deadlineMs = timeoutMs === undefined ? undefined : performance.now() + timeoutMs
    for (;;) {
      signal?.throwIfAborted()
      if (this.#isClosed) throw poolClosed(this.#source.what)
      const pooled = this.#takeIdle() ?? (this.#hasRoom ? await this.#make({ signal }) : undefined)
      if (pooled) return pooled
      if (!block) throw this.#exceeded('')
      await this.#waitForRoom(deadlineMs, signal)
    }
  }

  /** Takes one, gives it to the function, and gives it back: replaced if the function throws. */
  async use<Result>(
    run: (value: T) => Result | Promise<Result>,
    options: AcquireOptions = { block: true },
  ): Promise<Result> {
    const pooled = await this.acquire(options)
    try {
      const result = await run(pooled.value)
      await pooled.release()
      return result
    } catch (error) {
      await pooled.replace()
      throw error
    }
  }

  async release(pooled: Pooled<T>): Promise<void> {
    if (!this.#lent.delete(pooled)) return
    const { keepsIdle = true } = this.#source
    const isKept = keepsIdle && this.#hasRoom && this.#limit > 0 && !this.#isClosed
    if (isKept && this.#source.isUsable(pooled.value)) this.#idle.push(pooled.value)
    else await this.#close(pooled.value)
    this.#wake()
  }

  async replace(pooled: Pooled<T>): Promise<void> {
    if (!this.#lent.delete(pooled)) return
    await this.#close(pooled.value)
    this.#wake()
  }

  /**
   * Changes the limit.
   *
   * @throws {LimitExceededError} more are lent, and `force` is not set.
   */
  async resize(limit: number, options: ResizeOptions = {}): Promise<void> {
    const { force = false, reset = false } = options
    checkedLimit(limit)
    if (reset) await this.#closeAll()
    if (limit > 0 && limit < this.lentCount && !force)
      throw this.#exceeded(`Cannot shrink to ${limit} while ${this.lentCount} are lent. `)
    this.#limit = limit
    while (this.#idle.length > 0 && (limit === 0 || !this.#fits)) await this.#closeOldest()
    this.#wake()
  }

  /** Closes everything, what is lent too, and (unless `closePool: false`) the pool. */
  async forceCloseAll(options: { readonly closePool?: boolean } = {}): Promise<void> {
    this.#isClosed ||= options.closePool ?? true
    await this.#closeAll()
  }

  /** `forceCloseAll()`. Idempotent. */
  close(): Promise<void> {
    return this.forceCloseAll()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  get #total(): number {
    return this.#lent.size + this.#idle.length + this.#makingCount
  }

  get #hasRoom(): boolean {
    return this.#limit === 0 || this.#total < this.#limit
  }

  get #fits(): boolean {
    return this.#limit === 0 || this.#total <= this.#limit
  }

  #takeIdle(): Pooled<T> | undefined {
    for (;;) {
      const value = this.#idle.pop()
      if (value === undefined) return undefined
      if (this.#source.isUsable(value)) return this.#lend(value)
    }
  }

  async #make(options: OperationOptions): Promise<Pooled<T>> {
    this.#makingCount += 1
    try {
      return this.#lend(await this.#source.create(options))
    } catch (error) {
      this.#wake()
      throw error
    } finally {
      this.#makingCount -= 1
    }
  }

  #lend(value: T): Pooled<T> {
    const pooled = new Pooled(value, this)
    this.#lent.add(pooled)
    return pooled
  }

  async #closeAll(): Promise<void> {
    const values = [...this.#idle.splice(0), ...[...this.#lent].map(({ value }) => value)]
    this.#lent.clear()
    for (const value of values) await this.#close(value)
    this.#wake()
  }

  async #closeOldest(): Promise<void> {
    const [oldest] = this.#idle.splice(0, 1)
    if (oldest !== undefined) await this.#close(oldest)
  }

  async #close(value: T): Promise<void> {
    await this.#source.close(value)
  }

  async #waitForRoom(deadlineMs: number | undefined, signal: AbortSignal | undefined) {
    const woken = Promise.withResolvers<void>()
    this.#waiters.add(woken.resolve)
    const timeoutMs = deadlineMs === undefined ? longestMs : deadlineMs - performance.now()
    try {
      await withDeadline(woken.promise, { timeoutMs, signal, what: 'Waiting' })
    } catch (error) {
      throw error instanceof TimeoutError ? this.#exceeded('None came back in time. ') : error
    } finally {
      this.#waiters.delete(woken.resolve)
    }
  }

  /** All of them look again, the longest waiting first. */
  #wake(): void {
    for (const wake of this.#waiters) wake()
  }

  #exceeded(why: string): LimitExceededError {
    return new LimitExceededError(
      `${why}All ${this.#limit} ${this.#source.what} of the pool are lent. Give some back, wait with { block: true }, or raise the limit`,
    )
  }
}

const longestMs = 2 ** 31 - 1

function checkedLimit(limit: number): number {
  if (Number.isSafeInteger(limit) && limit >= 0) return limit
  throw new ConfigurationError(
    'BAD_OPTION',
    `The limit of a pool has to be a whole number, 0 for none, not ${limit}`,
  )
}

function poolClosed(what: string): ConnectionError {
  return new ConnectionError(
    'CONNECTION_CLOSED',
    `The pool of ${what} was closed by its owner. Make another`,
  )
}
