import { randomUUID } from 'node:crypto'
import { Exchange } from './exchange.ts'
import { Queue, type QueueOptions } from './queue.ts'

/** What a broadcast queue can be. */
export interface BroadcastOptions extends QueueOptions {
  /** Name of the queue. Default: a new one per object, `bcast.<uuid>`. */
  readonly queue?: string | undefined
  /** Appends `.<uuid>` to `queue` as well. Default `false`. */
  readonly unique?: boolean | undefined
  /** Default `true`. */
  readonly autoDelete?: boolean | undefined
}

/**
 * A queue of one's own on a fanout exchange: every consumer gets every message.
 *
 * `alias` defaults to the exchange's name. Source: kombu/common.py, Broadcast.
 *
 * @example
 * connection.consume(new Broadcast('news'))
 */
export class Broadcast extends Queue {
  /**
   * @param name Of the exchange.
   * @throws {ConfigurationError} `BAD_OPTION`.
   */
  constructor(name = '', options: BroadcastOptions = {}) {
    const { queue, unique = false, ...rest } = options
    const ownName = queue ?? 'bcast'
    super(unique || queue === undefined ? `${ownName}.${randomUUID()}` : ownName, {
      ...rest,
      alias: rest.alias ?? (name === '' ? undefined : name),
      autoDelete: rest.autoDelete ?? true,
      exchange: rest.exchange ?? new Exchange(name, { type: 'fanout' }),
    })
  }
}
