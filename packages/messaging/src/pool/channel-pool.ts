/** Channels of one connection, lent. */
import type { Channel } from '../connection/channel.ts'
import type { SupervisedConnection } from '../connection/supervised-connection.ts'
import { type PoolOptions, ResourcePool } from './resource-pool.ts'

/**
 * Lends channels, opened when needed.
 *
 * @example
 * await using pool = connection.channelPool({ limit: 4 })
 * await pool.use((channel) => queue.declare(channel))
 */
export class ChannelPool extends ResourcePool<Channel> {
  constructor(connection: SupervisedConnection, options?: PoolOptions) {
    super(
      {
        what: 'channels',
        create: () => connection.channel(),
        close: (channel) => channel.close(),
        isUsable: (channel) => channel.isOpen,
      },
      options,
    )
  }
}
