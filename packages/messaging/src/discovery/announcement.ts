/** A worker tells that it is there, and what it can do. */
import { randomUUID } from 'node:crypto'
import type { SupervisedConnection } from '../connection/supervised-connection.ts'
import { withDeadline } from '../deadline.ts'
import type { Exchange } from '../entity/exchange.ts'
import type { OperationOptions } from '../operation-options.ts'
import { checkOptions } from '../option-spec.ts'
import { Producer } from '../producer.ts'
import { defaultExchangeName, heartbeatExchange } from './discovery-entities.ts'
import { goodbyeBody, heartbeatBody } from './heartbeat.ts'
import { localAddress } from './local-address.ts'
import { RequestServer, type WorkerHandlers } from './request-server.ts'

/** Options of `announce()`. */
export interface AnnounceOptions extends OperationOptions {
  /** Address, or any other name, that registries list it by. Default: the machine's address. */
  readonly ip?: string | undefined
  /** Tells it from all other workers. Default: a new one per announcement. */
  readonly id?: string | undefined
  /** What it can do. Default: what it has handlers for. */
  readonly capabilities?: readonly string[] | undefined
  /** Answers to `registry.dispatch()`, by capability. */
  readonly handlers?: WorkerHandlers | undefined
  /** Most requests at a time. Default 10. */
  readonly concurrency?: number | undefined
  /** Default 5000. Registries believe in three times as much. */
  readonly heartbeatMs?: number | undefined
  /** Name of the heartbeats' exchange. Default `worker_discovery`. */
  readonly exchange?: string | undefined
}

/** Options of `Announcement.close`. */
export interface CloseAnnouncementOptions extends OperationOptions {
  /** Longest wait for requests that have begun. Default 30 000. */
  readonly timeoutMs?: number | undefined
}

/** Heartbeats of this worker are worthless afterwards; what matters is that no queue keeps them for ever. */
const heartbeatExpirationMs = 60_000

/**
 * Announces a worker until `close()`, which says goodbye: it is then off every list at once. One that is killed leaves by the
 * registries' time to live.
 *
 * A process that computes for seconds without a pause sends no heartbeats: give such work to a worker thread.
 *
 * @throws {ConfigurationError} `BAD_OPTION`; {ConnectionError}: no broker.
 * @example
 * const announcement = await announce(connection, {
 *   ip: '10.0.0.7',
 *   handlers: { render: async (page) => await render(page) },
 * })
 */
export async function announce(
  connection: SupervisedConnection,
  options: AnnounceOptions = {},
): Promise<Announcement> {
  const announcement = new Announcement(connection, options)
  try {
    await announcement.start({ signal: options.signal })
    return announcement
  } catch (error) {
    await announcement.close().catch((failure: unknown) => connection.warn(failure))
    throw error
  }
}

/**
 * Has a worker that is announced answer calls, on the same connection or another.
 *
 * @example
 * await serve(connection, announcement, { add: (pair) => sum(pair) })
 */
export async function serve(
  connection: SupervisedConnection,
  announcement: Announcement,
  handlers: WorkerHandlers,
): Promise<void> {
  await announcement.serve(connection, handlers)
}

/** A worker that is announced. Made by `announce()`. */
export class Announcement implements AsyncDisposable {
  readonly id: string
  readonly ip: string
  readonly heartbeatMs: number
  readonly #connection: SupervisedConnection
  readonly #options: AnnounceOptions
  readonly #exchangeName: string
  readonly #exchange: Exchange
  #server: RequestServer | undefined
  #timer: NodeJS.Timeout | undefined
  #beating: Promise<void> | undefined
  #stopListening: (() => void) | undefined
  #phase: 'announced' | 'draining' | 'closed' = 'announced'

  constructor(connection: SupervisedConnection, options: AnnounceOptions = {}) {
    checkOptions('announce', options, {
      ip: { type: 'string', min: 1 },
      id: { type: 'string', min: 1 },
      capabilities: 'array',
      handlers: 'object',
      concurrency: { type: 'number', min: 1, integer: true },
      heartbeatMs: { type: 'number', min: 1 },
      exchange: { type: 'string', min: 1 },
      signal: 'object',
    })
    this.id = options.id ?? randomUUID()
    this.ip = options.ip ?? localAddress()
    this.heartbeatMs = options.heartbeatMs ?? 5_000
    this.#connection = connection
    this.#options = options
    this.#exchangeName = options.exchange ?? defaultExchangeName
    this.#exchange = heartbeatExchange(this.#exchangeName)
  }

  /** What it says it can do. */
  get capabilities(): readonly string[] {
    if (this.#phase !== 'announced') return []
    const served = this.#server?.capabilities ?? []
    return [...new Set([...(this.#options.capabilities ?? []), ...served])]
  }

  /** Sends the first heartbeat. Called by `announce()`. */
  async start(options: OperationOptions = {}): Promise<void> {
    const { handlers } = this.#options
    if (handlers) await this.#startServer(this.#connection, handlers, options)
    await this.#beat(options)
    this.#timer = setInterval(() => this.beat(), this.heartbeatMs)
    this.#timer.unref()
    this.#stopListening = this.#connection.on('connected', () => this.beat())
  }

  /** See the function `serve`. */
  async serve(connection: SupervisedConnection, handlers: WorkerHandlers): Promise<void> {
    await this.#server?.close({ timeoutMs: closeTimeoutMs })
    await this.#startServer(connection, handlers, {})
    await this.#beat({})
  }

  /** Sends a heartbeat now, beside the regular ones. Does nothing while the broker is away. */
  beat(): void {
    if (this.#beating || this.#phase === 'closed' || !this.#connection.connected) return
    const timeoutMs = Math.max(1_000, this.heartbeatMs)
    this.#beating = withDeadline(this.#beat({}), { timeoutMs, what: 'Sending a heartbeat' })
      .catch((error: unknown) => this.#connection.warn(error))
      .finally(() => {
        this.#beating = undefined
      })
  }

  /**
   * Takes no more requests, finishes those that have begun (heartbeats go on meanwhile, offering nothing), and says goodbye.
   * Idempotent.
   *
   * @throws {TimeoutError} a handler was not done in time. It has said goodbye all the same.
   */
  async close(options: CloseAnnouncementOptions = {}): Promise<void> {
    if (this.#phase !== 'announced') return
    this.#phase = 'draining'
    const { timeoutMs = closeTimeoutMs, signal } = options
    await this.#beating
    if (this.#server) this.beat()
    try {
      await this.#server?.close({ timeoutMs, signal })
    } finally {
      await this.#sayGoodbye({ signal })
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #startServer(
    connection: SupervisedConnection,
    handlers: WorkerHandlers,
    options: OperationOptions,
  ): Promise<void> {
    const server = new RequestServer(connection, {
      exchangeName: this.#exchangeName,
      workerId: this.id,
      handlers,
      concurrency: this.#options.concurrency ?? 10,
      onProbe: () => this.beat(),
    })
    this.#server = server
    await server.start(options)
  }

  async #sayGoodbye(options: OperationOptions): Promise<void> {
    this.#phase = 'closed'
    clearInterval(this.#timer)
    this.#stopListening?.()
    await this.#beating
    // Without a broker there is nobody to tell: registries that are cut off as well learn it by silence.
    if (this.#connection.connected) await this.#publish(goodbyeBody(this), options)
  }

  async #beat(options: OperationOptions): Promise<void> {
    const { id, ip, capabilities } = this
    const server = this.#phase === 'announced' ? this.#server : undefined
    await server?.declare(options)
    const queue = server?.queue.name
    await this.#publish(heartbeatBody({ id, ip, capabilities, queue, nowMs: Date.now() }), options)
  }

  async #publish(body: object, options: OperationOptions): Promise<void> {
    const { signal } = options
    const expirationMs = heartbeatExpirationMs
    await new Producer(this.#connection, { exchange: this.#exchange, serializer: 'json' }).publish(
      body,
      { expirationMs, signal },
    )
  }
}

const closeTimeoutMs = 30_000
