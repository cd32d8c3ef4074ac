/**
 * Keeps one connection alive: connects when first needed, fails over, reconnects, and has everything restored
 * before anybody is told.
 *
 * Each living connection is an epoch. When it ends, whatever belonged to it ends with it.
 */

import { withDeadline } from '../deadline.ts'
import {
  ConfigurationError,
  ConnectionError,
  MessagingError,
  reasonOf,
  TimeoutError,
} from '../errors.ts'
import type { OperationOptions } from '../operation-options.ts'
import { maskBrokerUrl } from '../transport/broker-url.ts'
import type { Transport, TransportConnection } from '../transport/transport.ts'
import { type BackoffOptions, backoffMs } from './backoff.ts'
import { EventListeners } from './event-listeners.ts'
import type { FailoverCycle } from './failover.ts'
import type { ConnectionEvents, ConnectionState } from './state.ts'

/** What a supervisor needs. */
export interface SupervisorParts {
  readonly cycle: FailoverCycle
  transportOf(url: string): Promise<Transport>
  /** Brings back channels, topology and consumers on a fresh connection. A failure ends the connection. */
  restore(connection: TransportConnection, signal: AbortSignal): Promise<void>
  readonly connectTimeoutMs: number
  readonly publishTimeoutMs: number
  onConfirmed(count: number): void
  readonly backoff: BackoffOptions
  /** Told of what went wrong without ending anything. */
  warn(error: unknown): void
}

/** How long to wait for a connection. */
export interface ReadyOptions extends OperationOptions {
  readonly timeoutMs: number
}

/** The one owner of a connection's life. */
export class Supervisor {
  readonly events: EventListeners<ConnectionEvents> = new EventListeners()
  readonly #parts: SupervisorParts
  #state: ConnectionState = { phase: 'idle' }
  #epoch = 0
  #ready = Promise.withResolvers<TransportConnection>()
  #cycleFailed = Promise.withResolvers<never>()
  #waiterCount = 0
  #running: Promise<void> | undefined
  readonly #stop = new AbortController()
  #lastError: Error | undefined
  #living: TransportConnection | undefined

  constructor(parts: SupervisorParts) {
    this.#parts = parts
    this.#forgetRejections()
  }

  get state(): ConnectionState {
    return this.#state
  }

  /** How often the broker has accepted this connection; 0 = never yet. */
  get lastConnectedEpoch(): number {
    return this.#epoch
  }

  /** Why the latest attempt failed, or why the latest connection ended. */
  get lastError(): Error | undefined {
    return this.#lastError
  }

  /**
   * Resolves with a connection on which everything is in place.
   *
   * @throws {ConnectionError} the reason of the latest failed attempt, when `timeoutMs` passed; `CONNECTION_CLOSED`.
   */
  async ready(options: ReadyOptions): Promise<TransportConnection> {
    if (this.#state.phase === 'connected') return this.#state.connection
    return await this.#await(() => this.#ready.promise, options)
  }

  /** As `ready`, but gives up when every address has failed once. */
  async connect(options: ReadyOptions): Promise<TransportConnection> {
    if (this.#state.phase === 'connected') return this.#state.connection
    return await this.#await(
      () => Promise.race([this.#ready.promise, this.#cycleFailed.promise]),
      options,
    )
  }

  async #await(
    outcome: () => Promise<TransportConnection>,
    options: ReadyOptions,
  ): Promise<TransportConnection> {
    if (this.#state.phase === 'closed') throw closedError()
    this.#waiterCount += 1
    this.#start()
    try {
      return await withDeadline(outcome(), { ...options, what: 'Connecting to the broker' })
    } catch (error) {
      throw error instanceof TimeoutError ? (this.#lastError ?? error) : error
    } finally {
      this.#waiterCount -= 1
    }
  }

  /** Ends the current connection as a cut would. It is brought back. */
  collect(): void {
    if (this.#state.phase === 'connected') {
      this.#state.connection.destroy(
        new ConnectionError('CONNECTION_LOST', 'The connection was collected by its owner'),
      )
    }
  }

  /** Graceful and final. */
  async close(signal: AbortSignal): Promise<void> {
    const { state } = this
    this.#end()
    if (state.phase === 'connected') await state.connection.close({ signal })
    await this.#running
  }

  /** Final, without goodbye: a close that takes too long. */
  destroy(): void {
    this.#end()
    this.#living?.destroy(closedError())
  }

  #end(): void {
    this.#state = { phase: 'closed' }
    this.#ready.reject(closedError())
    this.#stop.abort(closedError())
  }

  #start(): void {
    this.#running ??= this.#run()
  }

  async #run(): Promise<void> {
    let attempt = 0
    while (!this.#stop.signal.aborted && this.#isWanted()) {
      this.#state = { phase: 'connecting', attempt }
      const connection = await this.#attempt()
      if (connection instanceof Error) {
        attempt += 1
        await this.#failed(attempt, connection)
      } else {
        attempt = 0
        await this.#serve(connection)
      }
    }
    if (!this.#stop.signal.aborted) this.#state = { phase: 'idle' }
    this.#running = undefined
  }

  /** A connection that never came about is tried for as long as somebody waits; one that existed, until closed. */
  #isWanted(): boolean {
    return this.#epoch > 0 || this.#waiterCount > 0
  }

  /** One try at one address, restoration included. */
  async #attempt(): Promise<TransportConnection | Error> {
    const { cycle, transportOf, connectTimeoutMs } = this.#parts
    const timeout = AbortSignal.timeout(connectTimeoutMs)
    const signal = AbortSignal.any([timeout, this.#stop.signal])
    try {
      const transport = await transportOf(cycle.current)
      const { publishTimeoutMs, onConfirmed, warn } = this.#parts
      const connecting = { signal, report: warn, publishTimeoutMs, onConfirmed }
      return await this.#restore(await transport.connect(connecting))
    } catch (error) {
      return this.#connectionError(error, timeout.aborted)
    }
  }

  /** Not within the deadline of connecting: there may be much to restore. */
  async #restore(connection: TransportConnection): Promise<TransportConnection> {
    this.#living = connection
    const timeoutMs = this.#parts.publishTimeoutMs
    const signal = AbortSignal.any([AbortSignal.timeout(timeoutMs), this.#stop.signal])
    try {
      const restoring = this.#parts.restore(connection, signal)
      const what = 'Bringing back what was declared and consumed'
      await withDeadline(restoring, { timeoutMs, signal: this.#stop.signal, what })
      return connection
    } catch (error) {
      connection.destroy()
      throw error
    }
  }

  async #serve(connection: TransportConnection): Promise<void> {
    if (this.#stop.signal.aborted) return connection.destroy()
    this.#epoch += 1
    const epoch = this.#epoch
    this.#state = { phase: 'connected', epoch, connection }
    this.#ready.resolve(connection)
    this.events.emit('connected', { epoch, url: maskBrokerUrl(this.#parts.cycle.current) })
    const error = await connection.closed
    if (this.#stop.signal.aborted) return
    this.#lastError =
      error ?? new ConnectionError('CONNECTION_LOST', 'The broker closed the connection')
    this.#state = { phase: 'connecting', attempt: 0 }
    this.#ready = Promise.withResolvers()
    this.#cycleFailed = Promise.withResolvers()
    this.#forgetRejections()
    this.events.emit('disconnected', { epoch, error: this.#lastError })
  }

  async #failed(attempt: number, error: Error): Promise<void> {
    if (this.#stop.signal.aborted) return
    const { cycle, backoff } = this.#parts
    this.#lastError = error
    const url = maskBrokerUrl(cycle.current)
    cycle.next()
    const isCycleComplete = attempt % cycle.size === 0
    const retryMs = isCycleComplete ? backoffMs(attempt / cycle.size, Math.random(), backoff) : 0
    this.events.emit('attemptFailed', { attempt, url, error, retryMs })
    if (isCycleComplete) this.#giveUpCycle(error)
    if (this.#isWanted()) await pause(retryMs, this.#stop.signal)
  }

  /** Those who wanted one pass over the addresses learn that it failed; all do, when trying again cannot help. */
  #giveUpCycle(error: Error): void {
    this.#cycleFailed.reject(error)
    if (isHopeless(error)) {
      this.#ready.reject(error)
      this.#ready = Promise.withResolvers()
    }
    this.#cycleFailed = Promise.withResolvers()
    this.#forgetRejections()
  }

  /** Nobody may be waiting; a rejection is then no news. */
  #forgetRejections(): void {
    this.#ready.promise.catch(noop)
    this.#cycleFailed.promise.catch(noop)
  }

  #connectionError(error: unknown, timedOut: boolean): Error {
    if (MessagingError.is(error)) return error
    const url = maskBrokerUrl(this.#parts.cycle.current)
    const reason = timedOut
      ? `no answer within ${this.#parts.connectTimeoutMs} ms`
      : reasonOf(error)
    return new ConnectionError(
      'CONNECTION_REFUSED',
      `Cannot connect to ${url}: ${reason}. Check that the broker runs there`,
      { cause: error },
    )
  }
}

function noop(): void {
  // The rejection has been told to those who waited.
}

/** Wrong options and wrong credentials stay wrong. */
function isHopeless(error: Error): boolean {
  return (
    error instanceof ConfigurationError ||
    (error instanceof ConnectionError && error.code === 'ACCESS_REFUSED')
  )
}

/** What everybody is told after `close()`. */
export function closedError(): ConnectionError {
  return new ConnectionError(
    'CONNECTION_CLOSED',
    'The connection was closed by its owner. Make a new one, or clone() it',
  )
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  const over = Promise.withResolvers<void>()
  const timer = setTimeout(over.resolve, ms)
  const end = () => over.resolve()
  signal.addEventListener('abort', end, { once: true })
  await over.promise
  clearTimeout(timer)
  signal.removeEventListener('abort', end)
}
