/** One life of a consumer service: a connection, its consumers, and what is told to the service about them. */
import type { Channel } from '../connection/channel.ts'
import type { Connection } from '../connection.ts'
import { Consumer, type ConsumerOptions } from '../consumer.ts'
import { ConnectionError, TimeoutError } from '../errors.ts'
import type { ConsumerService } from './consumer-service.ts'

/** Begins with `connect()` and `start()`, ends with `end()` if all is well, and in any case with `close()`. */
export class ServiceLife {
  readonly connection: Connection
  /** No further life can succeed. */
  hasGivenUp = false
  readonly #service: ConsumerService
  readonly #stop: AbortSignal
  readonly #failed = new AbortController()
  readonly #over: AbortSignal
  #consumers: readonly Consumer[] = []
  #context: AsyncDisposable | Disposable | undefined
  #hooks: Promise<void> = Promise.resolve()

  constructor(service: ConsumerService, stop: AbortSignal) {
    this.#service = service
    this.#stop = stop
    this.#over = AbortSignal.any([stop, this.#failed.signal])
    this.connection = service.connection.clone()
    this.connection.on('warning', ({ error }) => service.connection.warn(error))
  }

  get #channel(): Channel {
    return this.connection.defaultChannel
  }

  /** @throws the last reason, after so many retries. */
  async connect(maxRetries: number | undefined): Promise<void> {
    const errback = (error: Error, intervalMs: number) =>
      this.#tell(() => this.#service.onConnectionError(error, intervalMs))
    try {
      await this.connection.ensureConnection({ maxRetries, errback, signal: this.#over })
    } catch (error) {
      this.hasGivenUp = true
      throw error
    }
    this.#follow(maxRetries)
    await this.#hooks
    await this.#service.onConnectionRevived()
  }

  async start(): Promise<void> {
    const create = (options: ConsumerOptions) => this.#consumer(options)
    this.#consumers = await this.#service.getConsumers(create, this.#channel)
    for (const consumer of this.#consumers) await consumer.consume({ signal: this.#over })
    this.#context = await this.#service.extraContext(this.connection, this.#channel)
    await this.#service.onConsumeReady(this.connection, this.#channel, this.#consumers)
  }

  /** Waits for a delivery. @returns whether there was one. @throws what ended the life. */
  async drain(timeoutMs: number): Promise<boolean> {
    try {
      await this.connection.drainEvents({ timeoutMs, signal: this.#over })
      return true
    } catch (error) {
      this.#failed.signal.throwIfAborted()
      if (this.#stop.aborted) return false
      if (!(error instanceof TimeoutError) && !this.#isComingBack(error)) throw error
      this.connection.heartbeatCheck()
      return false
    }
  }

  /** The end of a life that went well. */
  async end(): Promise<void> {
    await this.#leave()
    await this.#service.onConsumeEnd(this.connection, this.#channel)
  }

  /** Whatever is left to be done. Never throws. */
  async close(): Promise<void> {
    await this.#leave().catch((error: unknown) => this.#service.connection.warn(error))
    await this.#hooks
    await this.connection.close().catch((error: unknown) => this.#service.connection.warn(error))
  }

  async #leave(): Promise<void> {
    const context = this.#context
    const consumers = this.#consumers.toReversed()
    this.#context = undefined
    this.#consumers = []
    if (context) await disposeOf(context)
    if (!this.connection.connected) return
    for (const consumer of consumers) await consumer.cancel()
  }

  #consumer(options: ConsumerOptions): Consumer {
    return new Consumer(
      this.connection,
      {
        onDecodeError: (message, error) => this.#service.onDecodeError(message, error),
        onCancel: (_queue, error) => this.#failed.abort(error),
        ...options,
      },
      this.#channel,
    )
  }

  /** From now on the connection comes back by itself. */
  #follow(maxRetries = Number.POSITIVE_INFINITY): void {
    const { connection } = this
    const service = this.#service
    connection.on('disconnected', ({ error }) =>
      this.#tell(() => service.onConnectionError(error, 0)),
    )
    connection.on('attemptFailed', ({ error, retryMs, attempt }) => {
      this.#tell(() => service.onConnectionError(error, retryMs))
      if (attempt <= maxRetries) return
      this.hasGivenUp = true
      this.#failed.abort(error)
    })
    connection.on('connected', () =>
      this.#tell(async () => {
        await service.onConnectionRevived()
        await service.onConsumeReady(connection, this.#channel, this.#consumers)
      }),
    )
  }

  /** One hook after the other; one that throws ends the life. */
  #tell(hook: () => void | Promise<void>): void {
    this.#hooks = this.#hooks.then(hook).catch((error: unknown) => this.#failed.abort(error))
  }

  #isComingBack(error: unknown): boolean {
    if (!(error instanceof ConnectionError) || this.connection.connected) return false
    return error.code !== 'CONNECTION_CLOSED' && error.code !== 'ACCESS_REFUSED'
  }
}

async function disposeOf(context: AsyncDisposable | Disposable): Promise<void> {
  if (Symbol.asyncDispose in context) await context[Symbol.asyncDispose]()
  else context[Symbol.dispose]()
}
