/** Kombu's ConsumerMixin: a program that consumes until it is told to stop, whatever happens to its broker. */
import type { Channel } from '../connection/channel.ts'
import { sleep } from '../connection/retry.ts'
import type { Connection } from '../connection.ts'
import type { Consumer, ConsumerOptions } from '../consumer.ts'
import {
  ChannelError,
  ConnectionError,
  type MessagingError,
  OutcomeUnknownError,
  TimeoutError,
} from '../errors.ts'
import type { Message } from '../message/message.ts'
import type { OperationOptions } from '../operation-options.ts'
import { quarantine } from '../quarantine.ts'
import { TokenBucket } from '../rate/token-bucket.ts'
import { ServiceLife } from './service-life.ts'

/** Makes a consumer on the service's channel, with the service's `onDecodeError`. */
export type ConsumerFactory = (options: ConsumerOptions) => Consumer

/** Options of `ConsumerService.consume`. */
export interface ConsumeLoopOptions extends OperationOptions {
  /** Iterations, those in which nothing came included. Default: until stopped. */
  readonly limit?: number | undefined
  /** Ends with `TimeoutError` when nothing came for so long. Default: never. */
  readonly timeoutMs?: number | undefined
  /** Longest time between two calls of `onIteration`. Default 1000. */
  readonly safetyIntervalMs?: number | undefined
}

type Hook = void | Promise<void>

/**
 * Extend it with `getConsumers`, and with hooks as you like; then `run()`.
 *
 * One life, on a clone of the connection: `onConnectionRevived`, `getConsumers`, consuming starts, `extraContext`,
 * `onConsumeReady`, then `onIteration` at least once a second; at the end `extraContext` is disposed, consumers are cancelled
 * in reverse order, `onConsumeEnd`, the connection is closed. When the connection is lost and comes back by itself:
 * `onConnectionError`, `onConnectionRevived`, `onConsumeReady`. When a consumer is lost, e.g. with its queue, a new life
 * begins, at most one a second. What a hook throws ends the service. Source: kombu/mixins.py.
 *
 * @example
 * class Mailer extends ConsumerService {
 *   override getConsumers(consumer: ConsumerFactory) {
 *     return [consumer({ queues: [mails], accept: ['json'], callbacks: [this.onMail] })]
 *   }
 *   readonly onMail = async (body: unknown, message: Message) => {
 *     await send(body)
 *     message.ack()
 *   }
 * }
 * await new Mailer(connection).run({ signal })
 */
export abstract class ConsumerService {
  /** What the lives' connections are clones of. Warnings of theirs are its. */
  readonly connection: Connection
  /** Attempts to connect after the first, before the service gives up. Default: without limit. */
  connectMaxRetries: number | undefined
  /** How often a life may begin. Default: once a second. */
  restartLimit: TokenBucket = new TokenBucket(1)
  #shouldStop = false
  readonly #stopped = new AbortController()
  #life: ServiceLife | undefined

  constructor(connection: Connection) {
    this.connection = connection
  }

  /** The consumers of a life. */
  abstract getConsumers(
    consumer: ConsumerFactory,
    channel: Channel,
  ): readonly Consumer[] | Promise<readonly Consumer[]>

  /** True once `stop()` was called. */
  get shouldStop(): boolean {
    return this.#shouldStop
  }

  /** Ends `run()` after the present iteration. Final. */
  stop(): void {
    this.#shouldStop = true
    this.#stopped.abort()
  }

  // --- hooks

  /** The connection failed; the next attempt is in `intervalMs`. Default: a warning of the connection. */
  onConnectionError(error: Error, _intervalMs: number): Hook {
    this.connection.warn(error)
  }

  /** There is a connection, or there is one again. */
  onConnectionRevived(): Hook {
    // Nothing, unless overridden.
  }

  /** Messages can arrive. Called again after a reconnect. */
  onConsumeReady(
    _connection: Connection,
    _channel: Channel,
    _consumers: readonly Consumer[],
  ): Hook {
    // Nothing, unless overridden.
  }

  /** The consumers are cancelled. Not called when the life ends by an error, or by leaving the loop of `consume()`. */
  onConsumeEnd(_connection: Connection, _channel: Channel): Hook {
    // Nothing, unless overridden.
  }

  /** Before each wait for messages. */
  onIteration(): Hook {
    // Nothing, unless overridden.
  }

  /** A message cannot be read. Default: it is set aside in the connection's quarantine queue. */
  onDecodeError(message: Message, error: MessagingError): Hook {
    const connection = this.#life?.connection ?? this.connection
    return quarantine(message, error, { connection, channel: connection.defaultChannel })
  }

  /** Something that is there as long as messages are consumed. */
  extraContext(
    _connection: Connection,
    _channel: Channel,
  ): AsyncDisposable | Disposable | undefined | Promise<AsyncDisposable | Disposable | undefined> {
    return undefined
  }

  // --- running

  /**
   * Consumes until `stop()` or the signal, then resolves.
   *
   * @throws what a hook threw; {ConnectionError} `connectMaxRetries` attempts failed, or it can never succeed.
   */
  async run(options: OperationOptions = {}): Promise<void> {
    const signal = this.#untilStopped(options.signal)
    while (!signal.aborted) {
      try {
        await sleep(this.#pauseMs(), signal)
        for await (const _ of this.consume({ signal })) {
          // Messages went to their callbacks. The loop ends itself.
        }
      } catch (error) {
        if (signal.aborted) return
        if (this.#life?.hasGivenUp || !isPassing(error)) throw error
        this.connection.warn(error)
      }
    }
  }

  /**
   * One life. Yields each time that something was delivered.
   *
   * @throws {TimeoutError} nothing came within `timeoutMs`; as `run()`; {ChannelError} a consumer was lost.
   */
  async *consume(options: ConsumeLoopOptions = {}): AsyncGenerator<void, void, void> {
    const forever = Number.POSITIVE_INFINITY
    const { limit = forever, timeoutMs = forever, safetyIntervalMs = 1_000 } = options
    const signal = this.#untilStopped(options.signal)
    const life = new ServiceLife(this, signal)
    this.#life = life
    try {
      await life.connect(this.connectMaxRetries)
      await life.start()
      let lastEventMs = performance.now()
      for (let count = 0; count < limit && !signal.aborted; count += 1) {
        await this.onIteration()
        const isEvent = await life.drain(safetyIntervalMs)
        if (isEvent) yield
        if (isEvent) lastEventMs = performance.now()
        else if (performance.now() - lastEventMs >= timeoutMs) throw silence(timeoutMs)
      }
      await life.end()
    } finally {
      await life.close()
    }
  }

  #pauseMs(): number {
    return this.restartLimit.canConsume() ? 0 : this.restartLimit.expectedTimeMs()
  }

  #untilStopped(signal: AbortSignal | undefined): AbortSignal {
    const { signal: stopped } = this.#stopped
    return signal ? AbortSignal.any([signal, stopped]) : stopped
  }
}

/** Over with the life that it ended. */
function isPassing(error: unknown): boolean {
  if (error instanceof ConnectionError)
    return error.code !== 'CONNECTION_CLOSED' && error.code !== 'ACCESS_REFUSED'
  return (
    error instanceof ChannelError ||
    error instanceof TimeoutError ||
    error instanceof OutcomeUnknownError
  )
}

function silence(timeoutMs: number): TimeoutError {
  return new TimeoutError(`No message came within ${timeoutMs} ms`)
}
