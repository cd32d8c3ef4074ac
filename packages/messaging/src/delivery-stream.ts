/** Deliveries as an async iterable: `for await (const message of connection.consume(queue))`. */
import type { SupervisedConnection } from './connection/supervised-connection.ts'
import { Consumer, type ConsumerOptions } from './consumer.ts'
import type { Queue } from './entity/queue.ts'
import { DecodeError, MessagingError, reasonOf } from './errors.ts'
import type { Message } from './message/message.ts'
import { quarantine } from './quarantine.ts'

/** Options of the iterator form. */
export interface StreamOptions
  extends Pick<
    ConsumerOptions,
    'noAck' | 'accept' | 'prefetchCount' | 'autoDeclare' | 'onDecodeError' | 'onGap'
  > {
  /** Ends the iteration: what was delivered and not yet yielded goes back. */
  readonly signal?: AbortSignal | undefined
}

/**
 * One consumer, pulled from. Messages that cannot be read are set aside (or given to `onDecodeError`) and not yielded, so
 * that the loop's body never meets them. Leaving the loop closes the consumer; whatever is unsettled is delivered again.
 */
export class DeliveryStream implements AsyncIterableIterator<Message>, AsyncDisposable {
  readonly #connection: SupervisedConnection
  readonly #options: StreamOptions
  readonly #consumer: Consumer
  readonly #arrived: Message[] = []
  readonly #settingAside = new Set<Promise<void>>()
  #wanted: PromiseWithResolvers<void> | undefined
  #started: Promise<void> | undefined
  #isOver = false
  #failure: MessagingError | undefined
  readonly #abort = () => this.#end()

  constructor(
    connection: SupervisedConnection,
    queues: Queue | readonly Queue[],
    options: StreamOptions = {},
  ) {
    const { signal, onDecodeError: _, ...consumerOptions } = options
    this.#connection = connection
    this.#options = options
    this.#consumer = new Consumer(connection, {
      prefetchCount: 100,
      ...consumerOptions,
      queues,
      onMessage: (message) => this.#arrive(message),
      onDecodeError: (message, error) => this.#onUnreadable(message, error),
      onCancel: (_queue, error) => this.#end(error),
    })
    if (signal?.aborted) this.#isOver = true
    signal?.addEventListener('abort', this.#abort, { once: true })
    void this.#consumer.channel.closed.then(this.#abort)
  }

  /** Starts consuming before the first `next()`. Resolves when the broker delivers. */
  start(): Promise<void> {
    this.#started ??= this.#consumer.consume({ signal: this.#options.signal })
    return this.#started
  }

  /** The next readable message. @throws what ended the consumer, e.g. its queue was deleted. */
  async next(): Promise<IteratorResult<Message, undefined>> {
    if (!this.#isOver) await this.#startOrEnd()
    for (;;) {
      const message = this.#isOver ? undefined : this.#arrived.shift()
      if (message && this.#isReadable(message)) return { value: message, done: false }
      if (this.#isOver) return await this.#finish()
      if (!message) await this.#waitForArrival()
    }
  }

  /** Whoever cannot consume has nothing to iterate over, and leaves nothing behind. */
  async #startOrEnd(): Promise<void> {
    try {
      await this.start()
    } catch (error) {
      if (this.#isOver) return
      this.#end()
      await this.#finish()
      throw error
    }
  }

  /** A message that has arrived, without waiting. */
  takeArrived(): Message | undefined {
    let message = this.#arrived.shift()
    while (message && !this.#isReadable(message)) message = this.#arrived.shift()
    return message
  }

  async return(): Promise<IteratorResult<Message, undefined>> {
    this.#end()
    return await this.#finish()
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }

  #arrive(message: Message): void {
    this.#arrived.push(message)
    this.#wake()
  }

  async #waitForArrival(): Promise<void> {
    if (this.#arrived.length > 0 || this.#isOver) return
    this.#wanted ??= Promise.withResolvers()
    await this.#wanted.promise
  }

  /** Everybody looks again; nobody waits for what another took. */
  #wake(): void {
    this.#wanted?.resolve()
    this.#wanted = undefined
  }

  #isReadable(message: Message): boolean {
    try {
      message.decode()
      return true
    } catch (error) {
      this.#setAside(message, error)
      return false
    }
  }

  #setAside(message: Message, error: unknown): void {
    const { onDecodeError } = this.#options
    const place = { connection: this.#connection, channel: this.#connection.defaultChannel }
    const run = async (): Promise<void> => {
      if (onDecodeError) await onDecodeError(message, asMessagingError(error))
      else await quarantine(message, error, place)
    }
    const ended = run().catch((failure: unknown) => this.#connection.warn(failure))
    this.#settingAside.add(ended)
    void ended.finally(() => this.#settingAside.delete(ended))
  }

  #onUnreadable(message: Message, error: MessagingError): void {
    this.#setAside(message, error)
  }

  #end(failure?: MessagingError): void {
    this.#isOver = true
    this.#failure ??= failure
    this.#wake()
  }

  async #finish(): Promise<IteratorResult<Message, undefined>> {
    this.#options.signal?.removeEventListener('abort', this.#abort)
    this.#arrived.length = 0
    // A message that is being set aside would otherwise go back to its queue as well.
    await Promise.all(this.#settingAside)
    if (this.#consumer.channel.isOpen) await this.#consumer.close()
    const failure = this.#failure
    this.#failure = undefined
    if (failure) throw failure
    return { value: undefined, done: true }
  }
}

function asMessagingError(error: unknown): MessagingError {
  return MessagingError.is(error)
    ? error
    : new DecodeError('NOT_DECODABLE', reasonOf(error), { cause: error })
}
