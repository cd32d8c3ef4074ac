/** Producers, lent: each with a connection that it borrows in turn. */
import type { Connection } from '../connection.ts'
import { Producer, type ProducerOptions } from '../producer.ts'
import type { ConnectionPool } from './connection-pool.ts'
import type { Pooled } from './pooled.ts'
import { type PoolOptions, ResourcePool } from './resource-pool.ts'

/** Options of a producer pool. */
export interface ProducerPoolOptions extends PoolOptions {
  /** Of each producer. */
  readonly producer?: ProducerOptions | undefined
}

/**
 * Lends producers. While one is lent its connection is; nobody publishes, no connection is held.
 *
 * @example
 * await pools.producers(connection).use((producer) => producer.publish({ id: 7 }, { routingKey: 'orders' }))
 */
export class ProducerPool extends ResourcePool<Producer> {
  constructor(connections: ConnectionPool, options: ProducerPoolOptions = {}) {
    const borrowed = new WeakMap<Producer, Pooled<Connection>>()
    super(
      {
        what: 'producers',
        keepsIdle: false,
        create: async ({ signal }) => {
          const pooled = await connections.acquire({ block: true, signal })
          const producer = new Producer(pooled.value, options.producer)
          borrowed.set(producer, pooled)
          return producer
        },
        close: (producer) => borrowed.get(producer)?.release(),
        isUsable: () => true,
      },
      options,
    )
  }
}
