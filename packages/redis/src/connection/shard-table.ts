import type { MessageListener, RedisClient } from './client.ts'
import { ReplyError } from './client-errors.ts'

/** A sharded channel that is subscribed to. */
export interface Shard {
  readonly client: RedisClient
  readonly listener: MessageListener
}

/** Time between two looks whether the server still knows of the subscriptions. */
export const shardCheckMs = 1_000

/**
 * The sharded channels of a connection, and whether they are still subscribed.
 *
 * A server that gives a slot away says so. In case it does not, it is asked, too: nobody subscribed
 * means that we are not.
 */
export class ShardTable {
  readonly #shards = new Map<string, Shard>()
  readonly #onDropped: (channel: string) => void
  #timer: NodeJS.Timeout | undefined

  constructor(onDropped: (channel: string) => void) {
    this.#onDropped = onDropped
  }

  get(channel: string): Shard | undefined {
    return this.#shards.get(channel)
  }

  set(channel: string, shard: Shard): void {
    this.#shards.set(channel, shard)
    this.#timer ??= setInterval(() => void this.#look(), shardCheckMs).unref()
  }

  delete(channel: string): void {
    this.#shards.delete(channel)
    if (this.#shards.size === 0) this.stop()
  }

  /** Whether any of them is on this connection. */
  needs(client: RedisClient): boolean {
    return [...this.#shards.values()].some((shard) => shard.client === client)
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  async #look(): Promise<void> {
    for (const client of new Set([...this.#shards.values()].map((shard) => shard.client))) {
      const mine = [...this.#shards].filter(([, shard]) => shard.client === client)
      try {
        const counts = await client.send<readonly (string | number)[]>([
          'PUBSUB',
          'SHARDNUMSUB',
          ...mine.map(([channel]) => channel),
        ])
        for (const [index, [channel, shard]] of mine.entries()) {
          const isCurrent = this.#shards.get(channel) === shard
          if (counts[2 * index + 1] === 0 && isCurrent) this.#onDropped(channel)
        }
      } catch (error) {
        // A lost connection says so itself; a user who may not ask has the server's word only.
        if (error instanceof ReplyError) this.stop()
      }
    }
  }
}
