/** The messages of a consumer, as an iteration. */
import type { Consumer, ConsumerCallback } from '../consumer.ts'
import { withDeadline } from '../deadline.ts'
import { TimeoutError } from '../errors.ts'
import type { Message } from '../message/message.ts'
import type { OperationOptions } from '../operation-options.ts'

/** Options of `drainConsumer`. */
export interface DrainConsumerOptions extends OperationOptions {
  /** So many messages. Default 1. */
  readonly limit?: number | undefined
  /** Ends when nothing came for so long. Default: never. */
  readonly timeoutMs?: number | undefined
  /** Called with each message as well. */
  readonly callbacks?: readonly ConsumerCallback[] | undefined
}

/** A decoded body, and the message that it came in. */
export type ReceivedMessage = readonly [body: unknown, message: Message]

/**
 * Consumes, yields each message, and cancels when done. Settle them yourself.
 *
 * What was delivered beyond the limit stays unsettled until the consumer's channel closes: give the consumer a
 * `prefetchCount` of the limit.
 *
 * @example
 * for await (const [body, message] of drainConsumer(consumer, { limit: 10, timeoutMs: 1000 })) message.ack()
 * @see kombu/common.py, drain_consumer
 */
export async function* drainConsumer(
  consumer: Consumer,
  options: DrainConsumerOptions = {},
): AsyncGenerator<ReceivedMessage, void, void> {
  const { limit = 1, callbacks = [], signal } = options
  const arrived: ReceivedMessage[] = []
  let changed = Promise.withResolvers<void>()
  let isOver = false
  consumer.registerCallback((body, message) => {
    if (isOver) return
    arrived.push([body, message])
    changed.resolve()
  })
  for (const callback of callbacks) consumer.registerCallback(callback)
  try {
    await consumer.consume({ signal })
    for (let count = 0; count < limit; count += 1) {
      if (arrived.length === 0 && !(await isInTime(changed.promise, options))) return
      changed = Promise.withResolvers()
      const next = arrived.shift()
      if (next) yield next
    }
  } finally {
    isOver = true
    if (consumer.channel.isOpen) await consumer.cancel()
  }
}

async function isInTime(change: Promise<void>, options: DrainConsumerOptions): Promise<boolean> {
  const { timeoutMs = 2 ** 31 - 1, signal } = options
  try {
    await withDeadline(change, { timeoutMs, signal, what: 'Waiting for a message' })
    return true
  } catch (error) {
    if (error instanceof TimeoutError) return false
    throw error
  }
}
