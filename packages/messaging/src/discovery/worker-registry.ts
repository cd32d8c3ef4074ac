/** Who is there: listens to heartbeats, and gives calls to those who answer. */
import { randomUUID } from 'node:crypto'
import { EventListeners } from '../connection/event-listeners.ts'
import type { SupervisedConnection } from '../connection/supervised-connection.ts'
import { Consumer } from '../consumer.ts'
import { withDeadline } from '../deadline.ts'
import type { Exchange } from '../entity/exchange.ts'
import { ConnectionError, TimeoutError } from '../errors.ts'
import type { OperationOptions } from '../operation-options.ts'
import { checkOptions } from '../option-spec.ts'
import { Producer } from '../producer.ts'
import { AbandonedQueues } from './abandoned-queues.ts'
import {
  abandonedAfterMs,
  defaultExchangeName,
  heartbeatExchange,
  probeExchange,
  registryQueue,
} from './discovery-entities.ts'
import { Dispatcher, type DispatchOptions } from './dispatcher.ts'
import { readHeartbeat } from './heartbeat.ts'
import { SilenceWatch } from './silence-watch.ts'
import { type DiscoveredWorker, WorkerTable } from './worker-table.ts'

/** Options of a registry. */
export interface WorkerRegistryOptions {
  /** A worker not heard of for so long has left. Default 15 000: three heartbeats. */
  readonly ttlMs?: number | undefined
  /** Name of the heartbeats' exchange. Default `worker_discovery`. */
  readonly exchange?: string | undefined
  /** Name of the queue. Default: one of its own, so that every registry hears everything. */
  readonly queue?: string | undefined
}

/** Why a worker left. */
export type LeaveReason = 'timeout' | 'goodbye'

/** What listeners of a registry are told. */
export interface WorkerRegistryEvents {
  readonly joined: { readonly worker: DiscoveredWorker }
  /** It offers something else than before. */
  readonly updated: { readonly worker: DiscoveredWorker }
  readonly left: { readonly worker: DiscoveredWorker; readonly reason: LeaveReason }
}

/** Options of `waitFor`. */
export interface WaitForWorkersOptions extends OperationOptions {
  /** Default 30 000. */
  readonly timeoutMs?: number | undefined
}

/**
 * Knows the workers that are alive: those heard of within `ttlMs`, by this process's own clock. Time during which nobody could
 * be heard (the broker was away, this process was stopped) does not count.
 *
 * Hears Python's `worker.py`, and any program that publishes `{ ip, ts }` to the exchange.
 *
 * @example
 * await using registry = new WorkerRegistry(connection)
 * registry.on('left', ({ worker, reason }) => console.log(worker.ip, reason))
 * await registry.waitFor((workers) => workers.length >= 3)
 * const sum = await registry.dispatch('add', [1, 2], { idempotent: true })
 */
export class WorkerRegistry implements AsyncDisposable {
  readonly ttlMs: number
  /** Name of the heartbeats' exchange. */
  readonly exchangeName: string
  /** Messages that were no heartbeats. The first is reported as a warning of the connection. */
  malformedCount = 0
  readonly #connection: SupervisedConnection
  readonly #exchange: Exchange
  readonly #table: WorkerTable
  readonly #events = new EventListeners<WorkerRegistryEvents>()
  readonly #changed = new EventListeners<{ change: undefined }>()
  readonly #consumer: Consumer
  readonly #dispatcher: Dispatcher
  readonly #abandoned: AbandonedQueues
  readonly #watch: SilenceWatch
  readonly #closing = new AbortController()
  #started: Promise<void> | undefined

  /** @throws {ConfigurationError} `BAD_OPTION`. */
  constructor(connection: SupervisedConnection, options: WorkerRegistryOptions = {}) {
    checkOptions('WorkerRegistry', options, {
      ttlMs: { type: 'number', min: 1 },
      exchange: { type: 'string', min: 1 },
      queue: { type: 'string', min: 1 },
    })
    const { ttlMs = 15_000, exchange = defaultExchangeName } = options
    this.ttlMs = ttlMs
    this.exchangeName = exchange
    this.#connection = connection
    this.#exchange = heartbeatExchange(exchange)
    this.#table = new WorkerTable(ttlMs)
    this.#consumer = this.#heartbeatConsumer(
      options.queue ?? `${exchange}.registry.${randomUUID()}`,
    )
    this.#dispatcher = new Dispatcher(connection, this)
    this.#abandoned = new AbandonedQueues(connection, exchange, abandonedAfterMs)
    this.#watch = new SilenceWatch(ttlMs / 10, (elapsed) => this.#look(elapsed))
  }

  /** Starts to listen, and asks workers to announce themselves. Everything that waits does it by itself. */
  start(options: OperationOptions = {}): Promise<void> {
    const { signal: closed } = this.#closing
    if (closed.aborted) return Promise.reject(registryClosed())
    this.#started ??= this.#startNow(closed).catch((error: unknown) => {
      this.#started = undefined
      throw error
    })
    const { signal } = options
    return signal ? withDeadline(this.#started, { ...forever, signal }) : this.#started
  }

  /** Those alive, in the order in which they joined. */
  workers(): readonly DiscoveredWorker[] {
    return this.#table.workers()
  }

  /** Those alive that offer it. */
  withCapability(capability: string): readonly DiscoveredWorker[] {
    return this.workers().filter(({ capabilities }) => capabilities.includes(capability))
  }

  /** One of those alive. */
  find(id: string): DiscoveredWorker | undefined {
    return this.#table.find(id)
  }

  /** @returns how to stop listening. */
  on<Name extends keyof WorkerRegistryEvents>(
    name: Name,
    listener: (event: WorkerRegistryEvents[Name]) => void,
  ): () => void {
    return this.#events.on(name, listener)
  }

  /**
   * Waits until those alive are as wanted.
   *
   * @returns them.
   * @throws {TimeoutError} they were not in time.
   * @example
   * const [worker] = await registry.waitFor((workers) => workers.some(({ ip }) => ip === '10.0.0.7'), { timeoutMs: 5000 })
   */
  async waitFor(
    predicate: (workers: readonly DiscoveredWorker[]) => boolean,
    options: WaitForWorkersOptions = {},
  ): Promise<readonly DiscoveredWorker[]> {
    const { timeoutMs = 30_000 } = options
    const signal = this.#untilClosed(options.signal)
    await this.start({ signal })
    const met = Promise.withResolvers<readonly DiscoveredWorker[]>()
    const check = () => resolveIf(this.workers(), predicate, met)
    const stop = this.#changed.on('change', check)
    try {
      check()
      return await withDeadline(met.promise, { timeoutMs, signal, what: 'Waiting for workers' })
    } catch (error) {
      throw error instanceof TimeoutError ? this.#notMet(timeoutMs) : error
    } finally {
      stop()
    }
  }

  /**
   * Gives a call to a living worker that offers it, the least busy first, and returns its answer. Waits for one to appear.
   *
   * A worker that dies before answering may have done the work. With `idempotent: true` the call is then given to another.
   *
   * @throws {RemoteError} `REMOTE_ERROR`: the handler threw, with its message. `NO_WORKER`: nobody offers it in time, or the
   * one that had it died; the message says which and when it was last seen.
   * @throws {TimeoutError} a living worker did not answer in time.
   * @example
   * const png = await registry.dispatch('render', { page: 7 }, { timeoutMs: 5_000, idempotent: true })
   */
  async dispatch(
    capability: string,
    payload?: unknown,
    options: DispatchOptions = {},
  ): Promise<unknown> {
    await this.start({ signal: options.signal })
    return await this.#dispatcher.dispatch(capability, payload, options)
  }

  /** Stops listening; calls under way are rejected. Idempotent. */
  async close(options?: OperationOptions): Promise<void> {
    if (this.#closing.signal.aborted) return
    this.#closing.abort(registryClosed())
    await this.#started?.catch(() => undefined) // Whoever started it was told.
    this.#watch.stop()
    await this.#dispatcher.close(registryClosed(), options)
    if (this.#consumer.channel.isOpen) await this.#consumer.close(options)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #startNow(signal: AbortSignal): Promise<void> {
    await this.#consumer.consume({ signal })
    this.#watch.start()
    const exchange = probeExchange(this.exchangeName)
    await new Producer(this.#connection, { exchange }).publish({}, { mandatory: false, signal })
  }

  #heartbeatConsumer(queueName: string): Consumer {
    const consumer: Consumer = new Consumer(this.#connection, {
      queues: registryQueue(this.#exchange, queueName),
      noAck: true,
      callbacks: [(body) => this.#hear(body)],
      onDecodeError: (_message, error) => this.#malformed(error),
      onCallbackError: (_message, error) => this.#malformed(error),
      onCancel: async (_queue, error) => {
        this.#connection.warn(error)
        await consumer.consume().catch((failure: unknown) => this.#connection.warn(failure))
      },
    })
    return consumer
  }

  #hear(body: unknown): void {
    const beat = readHeartbeat(body)
    const now = { monotonicMs: performance.now(), unixMs: Date.now() }
    const change = this.#table.heard(beat, now)
    if (!change) return
    const { kind, worker } = change
    if (kind === 'left') this.#left(worker, 'goodbye')
    else if (kind !== 'same') this.#events.emit(kind, { worker })
    this.#abandoned.heard(worker.id)
    this.#changed.emit('change', undefined)
  }

  #malformed(error: unknown): void {
    this.malformedCount += 1
    if (this.malformedCount === 1) this.#connection.warn(error)
  }

  #look(elapsed: { readonly ms: number; readonly stoppedMs: number }): void {
    const isDeaf = !this.#connection.connected
    this.#table.excuse(isDeaf ? elapsed.ms : elapsed.stoppedMs)
    if (isDeaf) return
    const now = performance.now()
    const gone = this.#table.expire(now)
    for (const worker of gone) {
      this.#abandoned.died(worker, now)
      this.#left(worker, 'timeout')
    }
    if (gone.length > 0) this.#changed.emit('change', undefined)
    this.#abandoned.sweep(now)
  }

  #left(worker: DiscoveredWorker, reason: LeaveReason): void {
    this.#dispatcher.left(worker, reason)
    this.#events.emit('left', { worker, reason })
  }

  #untilClosed(signal: AbortSignal | undefined): AbortSignal {
    const { signal: closed } = this.#closing
    return signal ? AbortSignal.any([signal, closed]) : closed
  }

  #notMet(timeoutMs: number): TimeoutError {
    const names = this.workers().map(({ ip, capabilities }) => `${ip} [${capabilities.join(', ')}]`)
    return new TimeoutError(
      `The workers that were waited for were not there within ${timeoutMs} ms. ` +
        `Known on exchange "${this.exchangeName}": ${names.join(', ') || 'none'}. Check that they run, and on this broker`,
    )
  }
}

/** The steps have deadlines of their own. */
const forever = { timeoutMs: 2 ** 31 - 1, what: 'Starting the worker registry' }

function resolveIf<T>(
  value: T,
  predicate: (value: T) => boolean,
  outcome: PromiseWithResolvers<T>,
): void {
  try {
    if (predicate(value)) outcome.resolve(value)
  } catch (error) {
    outcome.reject(error)
  }
}

function registryClosed(): ConnectionError {
  return new ConnectionError(
    'CONNECTION_CLOSED',
    'The worker registry was closed by its owner. Make a new one',
  )
}
