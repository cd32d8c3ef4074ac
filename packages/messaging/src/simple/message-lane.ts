/** Waits for messages of a queue, one at a time, on a channel of its own. */
import type { SupervisedConnection } from '../connection/supervised-connection.ts'
import { Consumer } from '../consumer.ts'
import type { Queue } from '../entity/queue.ts'
import type { MessagingError } from '../errors.ts'
import type { Message } from '../message/message.ts'
import type { OperationOptions } from '../operation-options.ts'

/** What a lane shares with its queue. */
export interface LaneOptions {
  readonly noAck: boolean
  readonly accept: readonly string[] | undefined
}

/** How long to wait. */
export interface LaneWait extends OperationOptions {
  /** Until then, by `performance.now()`. */
  readonly deadlineMs: number
}

/** A timer cannot be longer. */
const longestMs = 2 ** 31 - 1

/**
 * Consumes only while somebody waits, so that it holds no message that others could do.
 *
 * An auto-delete queue would go with its consumer, and one without acknowledgements gives what it has at once: there it
 * consumes on, and keeps what comes until asked.
 */
export class MessageLane {
  readonly #consumer: Consumer
  readonly #isLasting: boolean
  readonly #noAck: boolean
  readonly #arrived: Message[] = []
  #out: Message | undefined
  #waiterCount = 0
  #changed = Promise.withResolvers<void>()
  #failure: MessagingError | undefined

  constructor(connection: SupervisedConnection, queue: Queue, options: LaneOptions) {
    const { noAck, accept } = options
    this.#noAck = noAck
    this.#isLasting = noAck || queue.autoDelete
    this.#consumer = new Consumer(connection, {
      queues: queue,
      noAck,
      accept,
      prefetchCount: 1,
      autoDeclare: false,
      onMessage: (message) => this.#wake(() => this.#arrived.push(message)),
      onCancel: (_queue, error) => this.#wake(() => this.#fail(error)),
    })
  }

  /** True when it can bring a message: nobody waits, and what it brought last is settled. */
  get isFree(): boolean {
    if (this.#noAck) return true
    return this.#waiterCount === 0 && this.#isSettled(this.#out)
  }

  /** A message that has come already. */
  take(): Message | undefined {
    for (;;) {
      const message = this.#arrived.shift()
      // One of a connection that is gone comes again by itself.
      if (message?.signal.aborted && !this.#noAck) continue
      if (message) this.#out = message
      return message
    }
  }

  /** The next message, or `undefined` when none came in time. @throws what ended the consumer; `signal.reason`. */
  async wait(options: LaneWait): Promise<Message | undefined> {
    this.#waiterCount += 1
    try {
      await this.#consumer.consume({ signal: options.signal })
      const message = await this.#next(options)
      if (message) return message
    } finally {
      this.#waiterCount -= 1
      if (!this.#isLasting) await this.#consumer.cancel()
    }
    return this.take()
  }

  /** What it holds goes back. */
  close(options?: OperationOptions): Promise<void> {
    return this.#consumer.close(options)
  }

  async #next(options: LaneWait): Promise<Message | undefined> {
    for (;;) {
      options.signal?.throwIfAborted()
      const message = this.take()
      if (message) return message
      const failure = this.#failure
      this.#failure = undefined
      if (failure) throw failure
      const leftMs = options.deadlineMs - performance.now()
      if (leftMs <= 0) return undefined
      await this.#change(Math.min(longestMs, leftMs), options.signal)
    }
  }

  /** Waits until something happens, or long enough. */
  async #change(ms: number, signal: AbortSignal | undefined): Promise<void> {
    const over = Promise.withResolvers<void>()
    const timer = setTimeout(over.resolve, ms)
    const wake = () => over.resolve()
    signal?.addEventListener('abort', wake, { once: true })
    this.#changed.promise.then(over.resolve)
    await over.promise
    clearTimeout(timer)
    signal?.removeEventListener('abort', wake)
  }

  #wake(change: () => void): void {
    change()
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }

  #fail(error: MessagingError): void {
    this.#failure = error
  }

  #isSettled(message: Message | undefined): boolean {
    return !message || message.acknowledged || message.signal.aborted
  }
}
