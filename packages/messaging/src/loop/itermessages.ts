/** The messages of a queue, as an iteration that ends. */
import type { Channel } from '../connection/channel.ts'
import type { SupervisedConnection } from '../connection/supervised-connection.ts'
import { Consumer, type ConsumerOptions } from '../consumer.ts'
import type { Queue } from '../entity/queue.ts'
import { type DrainConsumerOptions, drainConsumer, type ReceivedMessage } from './drain-consumer.ts'

/** Options of `itermessages`: of the iteration, and of its consumer. */
export interface ItermessagesOptions
  extends DrainConsumerOptions,
    Omit<ConsumerOptions, 'queues' | 'callbacks' | 'onMessage'> {
  /** Default: one of its own, closed at the end: what is unsettled then is delivered again. */
  readonly channel?: Channel | undefined
}

/**
 * Declares the queue, consumes from it, and yields at most `limit` messages (default 1).
 *
 * @example
 * for await (const [body, message] of itermessages(connection, queue, { limit: 10, timeoutMs: 1000 })) message.ack()
 * @see kombu/common.py, itermessages
 */
export async function* itermessages(
  connection: SupervisedConnection,
  queue: Queue,
  options: ItermessagesOptions = {},
): AsyncGenerator<ReceivedMessage, void, void> {
  const { limit = 1, timeoutMs, callbacks, signal, channel, ...consumerOptions } = options
  const prefetchCount = consumerOptions.prefetchCount ?? Math.min(limit, 65_535)
  await using consumer = new Consumer(
    connection,
    { ...consumerOptions, prefetchCount, queues: queue },
    channel,
  )
  yield* drainConsumer(consumer, { limit, timeoutMs, callbacks, signal })
}
