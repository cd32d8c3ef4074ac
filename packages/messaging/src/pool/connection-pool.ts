/** Connections, lent. */
import type { Channel } from '../connection/channel.ts'
import type { Connection } from '../connection.ts'
import { Pooled } from './pooled.ts'
import { type AcquireOptions, type PoolOptions, ResourcePool } from './resource-pool.ts'

/**
 * Lends clones of a connection, made when needed.
 *
 * @example
 * await using pool = connection.pool({ limit: 4 })
 * await using pooled = await pool.acquire({ block: true })
 * await pooled.value.producer().publish({ id: 7 }, { routingKey: 'orders' })
 */
export class ConnectionPool extends ResourcePool<Connection> {
  readonly connection: Connection

  constructor(connection: Connection, options?: PoolOptions) {
    super(
      {
        what: 'connections',
        create: () => clone(connection),
        close: (one) => one.close(),
        isUsable: (one) => !one.isClosed,
      },
      options,
    )
    this.connection = connection
  }

  /** The default channel of a connection that is lent until this is given back. */
  async acquireChannel(options?: AcquireOptions): Promise<Pooled<Channel>> {
    const pooled = await this.acquire(options)
    return new Pooled(pooled.value.defaultChannel, {
      release: () => pooled.release(),
      replace: () => pooled.replace(),
    })
  }
}

function clone(connection: Connection): Connection {
  const one = connection.clone()
  one.on('warning', ({ error }) => connection.warn(error))
  return one
}
