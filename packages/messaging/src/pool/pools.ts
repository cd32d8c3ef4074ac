/** Pools by connection: whoever asks with an equal connection gets the same pool. Kombu's `kombu.pools`, as a value. */
import type { Connection } from '../connection.ts'
import { ConnectionPool } from './connection-pool.ts'
import { ProducerPool } from './producer-pool.ts'
import type { PoolOptions, ResizeOptions } from './resource-pool.ts'

interface PoolsOfOne {
  readonly connections: ConnectionPool
  readonly producers: ProducerPool
}

/**
 * Make one per program and pass it on; Kombu's is global.
 *
 * @example
 * await using pools = new Pools({ limit: 10 })
 * await pools.producers(connection).use((producer) => producer.publish({ id: 7 }, { routingKey: 'orders' }))
 */
export class Pools implements AsyncDisposable {
  #limit: number
  readonly #pools: PoolsOfOne[] = []

  /** @param options `limit` of each pool. Default 10; 0 = no limit. */
  constructor(options: PoolOptions = {}) {
    this.#limit = options.limit ?? 10
  }

  get limit(): number {
    return this.#limit
  }

  /** The pool of clones of this connection. */
  connections(connection: Connection): ConnectionPool {
    return this.#of(connection).connections
  }

  /** The pool of producers on those. */
  producers(connection: Connection): ProducerPool {
    return this.#of(connection).producers
  }

  /** Changes the limit of all pools, those to come too. @throws as `resize()`. */
  async setLimit(limit: number, options?: ResizeOptions): Promise<void> {
    for (const { connections, producers } of this.#pools) {
      await producers.resize(limit, options)
      await connections.resize(limit, options)
    }
    this.#limit = limit
  }

  /** Closes all pools. Whoever asks next gets new ones. Kombu's `pools.reset()`. */
  async reset(): Promise<void> {
    for (const { connections, producers } of this.#pools.splice(0)) {
      await producers.close()
      await connections.close()
    }
  }

  /** `reset()`. */
  close(): Promise<void> {
    return this.reset()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #of(connection: Connection): PoolsOfOne {
    const known = this.#pools.find((one) => one.connections.connection.equals(connection))
    if (known) return known
    const options = { limit: this.#limit }
    const connections = new ConnectionPool(connection, options)
    const made = { connections, producers: new ProducerPool(connections, options) }
    this.#pools.push(made)
    return made
  }
}
