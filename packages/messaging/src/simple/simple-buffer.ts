/** A queue that need not last. Kombu's SimpleBuffer. */
import type { SupervisedConnection } from '../connection/supervised-connection.ts'
import type { Queue } from '../entity/queue.ts'
import { SimpleQueue, type SimpleQueueOptions } from './simple-queue.ts'

/**
 * A simple queue whose messages need no acknowledgement, in a transient queue and exchange that go when nobody uses them.
 *
 * @example
 * await using log = connection.simpleBuffer('log')
 * await log.put('hello')
 */
export class SimpleBuffer extends SimpleQueue {
  /** @throws {ConfigurationError} `BAD_OPTION`. */
  constructor(
    connection: SupervisedConnection,
    queue: Queue | string,
    options: SimpleQueueOptions = {},
  ) {
    super(connection, queue, {
      ...options,
      noAck: options.noAck ?? true,
      queueOptions: { durable: false, autoDelete: true, ...options.queueOptions },
      exchangeOptions: {
        durable: false,
        autoDelete: true,
        deliveryMode: 'transient',
        ...options.exchangeOptions,
      },
    })
  }
}
