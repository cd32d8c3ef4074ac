/** Answers out of a queue that is there for them. */
import type { SupervisedConnection } from '../connection/supervised-connection.ts'
import type { Queue } from '../entity/queue.ts'
import { type ItermessagesOptions, itermessages } from '../loop/itermessages.ts'

/** Options of `collectReplies`. */
export interface CollectRepliesOptions extends ItermessagesOptions {
  /** Delete the queue when an answer came. Default: if it is an auto-delete queue, which some brokers would keep. */
  readonly deleteQueue?: boolean | undefined
}

/**
 * Yields the bodies of at most `limit` answers (default 1). They need no acknowledgement, unless `noAck` is `false`: then
 * each is acknowledged when it is yielded.
 *
 * @example
 * for await (const answer of collectReplies(connection, queue, { limit: 3, timeoutMs: 1000 })) console.log(answer)
 * @see kombu/common.py, collect_replies
 */
export async function* collectReplies(
  connection: SupervisedConnection,
  queue: Queue,
  options: CollectRepliesOptions = {},
): AsyncGenerator<unknown, void, void> {
  const { noAck = true, deleteQueue = queue.autoDelete, ...rest } = options
  let hasCome = false
  try {
    for await (const [body, message] of itermessages(connection, queue, { ...rest, noAck })) {
      if (!noAck) message.ack()
      hasCome = true
      yield body
    }
  } finally {
    if (hasCome && deleteQueue) await queue.delete(connection.defaultChannel)
  }
}
