import { setTimeout as sleep } from 'node:timers/promises'
import {
  ChannelError,
  ConnectionError,
  type Lease,
  type MessagingError,
  type RoutableMessage,
  reasonOf,
  type Settlement,
  type StoredMessage,
  type StoreSession,
  type TakeRequest,
} from '@dashi/messaging/transport'
import { KeyWatch } from '../connection/key-watch.ts'
import { leaseLost, operationError, sessionEnd } from '../errors.ts'
import { Holder } from '../lease/holder.ts'
import type { LeaseKeeper } from '../lease/lease-keeper.ts'
import { Sweeper } from '../lease/sweeper.ts'
import { put } from './put.ts'
import { QueueOrder } from './queue-order.ts'
import { RedisBindingTable } from './redis-binding-table.ts'
import { type BroadcasterParts, RedisBroadcaster } from './redis-broadcaster.ts'
import { route } from './route.ts'
import { clearScript } from './scripts/clear.ts'
import { settle } from './settle.ts'
import { take } from './take.ts'
import type { Wire } from './wire.ts'

/** What a session is made of. */
export interface SessionParts extends BroadcasterParts {
  readonly wire: Wire
  /** The server tells about changed keys. */
  readonly isTracking: boolean
  readonly keeper: LeaseKeeper
  readonly report: (notice: MessagingError) => void
  /** Told of a holder that may have left messages behind. */
  readonly onOrphaned: (holder: string) => void
}

/** Longest time that a graceful close may take to say goodbye, and to give back what is still held. */
const closeTimeoutMs = { nothingHeld: 250, somethingHeld: 2_000 }

/** The queue store's conversation with Redis. */
export class RedisSession implements StoreSession {
  readonly bindings: RedisBindingTable
  readonly broadcaster: RedisBroadcaster
  readonly #parts: SessionParts
  readonly #wire: Wire
  readonly #holder: Holder
  readonly #watch: KeyWatch
  readonly #sweeper: Sweeper
  readonly #order: QueueOrder
  readonly #declared = new Set<string>()
  readonly #ended = Promise.withResolvers<MessagingError | undefined>()
  /** Messages taken and not settled. */
  #heldCount = 0
  #error: MessagingError | undefined
  #isEnded = false
  #hasLeft = false

  constructor(parts: SessionParts) {
    const { wire, report } = parts
    this.#parts = parts
    this.#wire = wire
    this.bindings = new RedisBindingTable(wire)
    this.broadcaster = new RedisBroadcaster(wire, parts)
    this.#holder = new Holder(wire, () => this.#keepLease())
    const { pollingIntervalMs, queueOrderStrategy } = wire.settings
    this.#order = new QueueOrder(queueOrderStrategy)
    this.#watch = new KeyWatch(wire.client, { isTracking: parts.isTracking, pollingIntervalMs })
    this.#sweeper = new Sweeper(wire, {
      queuesOf: (exchange, routingKey) => this.bindings.queuesOf(exchange, routingKey),
      report,
    })
    void wire.client.closed.then((reason) =>
      this.#end(reason === undefined ? undefined : lost(reason)),
    )
  }

  get closed(): Promise<MessagingError | undefined> {
    return this.#ended.promise
  }

  /** Prepares waiting. Called once, before anything else. */
  async start(): Promise<void> {
    await this.#watch.start()
  }

  async declareQueue(queue: string): Promise<number> {
    this.#declared.add(queue)
    return await this.#count(queue)
  }

  async inspectQueue(queue: string): Promise<number | undefined> {
    const count = await this.#count(queue)
    // An empty queue has no key: it exists as far as somebody speaks of it.
    if (count > 0 || this.#declared.has(queue)) return count
    return (await this.bindings.knowsQueue(queue)) ? 0 : undefined
  }

  purgeQueue(queue: string): Promise<number> {
    return this.#clear(queue, `purge queue "${queue}"`)
  }

  deleteQueue(queue: string): Promise<number> {
    this.#declared.delete(queue)
    return this.#clear(queue, `delete queue "${queue}"`)
  }

  put(messages: readonly StoredMessage[]): Promise<void> {
    return this.#guarded(() => put(this.#wire, messages))
  }

  route(messages: readonly RoutableMessage[]): Promise<readonly number[]> {
    return this.#guarded(() => route(this.#wire, this.bindings, messages))
  }

  take(request: TakeRequest): Promise<readonly Lease[]> {
    return this.#guarded(async () => {
      // Messages of the dead come before those that nobody has seen yet.
      if (!this.#sweeper.hasSwept) await this.#sweeper.start()
      const arranged = this.#order.arranged(request)
      const leases = await take(this.#wire, this.#holder, arranged)
      this.#order.served(request, leases)
      if (!request.noAck) this.#heldCount += leases.length
      return leases
    })
  }

  wait(queues: readonly string[], signal: AbortSignal): Promise<void> {
    const lists = this.#wire.keys.interleaved(queues)
    return this.#guarded(() => this.#watch.wait(lists, signal), 'look for messages')
  }

  settle(settlements: readonly Settlement[]): Promise<readonly boolean[]> {
    return this.#guarded(async () => {
      const held = await settle(this.#wire, settlements)
      for (const wasHeld of held) if (wasHeld) this.#heldCount -= 1
      return held
    })
  }

  async close(): Promise<void> {
    if (this.#isEnded) return
    this.#sweeper.stop()
    if (this.#holder.isRegistered) await this.#leave()
    this.#hasLeft = true
    this.#end(undefined)
  }

  destroy(error?: MessagingError): void {
    this.#end(error)
  }

  /** What is still held goes to others now, not when the lease has run out. */
  async #leave(): Promise<void> {
    const isEmpty = this.#heldCount === 0
    const left = isEmpty ? this.#holder.leave() : this.#giveBackAll()
    const timeoutMs = closeTimeoutMs[isEmpty ? 'nothingHeld' : 'somethingHeld']
    const deadline = new AbortController()
    const late = sleep(timeoutMs, undefined, { ref: false, signal: deadline.signal })
    try {
      await Promise.race([left, late])
    } catch (error) {
      if (!isEmpty) this.#parts.report(notGivenBack(error))
    } finally {
      deadline.abort()
      late.catch(() => undefined)
      left.catch(() => undefined)
    }
  }

  async #giveBackAll(): Promise<void> {
    await this.#holder.end()
    await this.#sweeper.giveBack(this.#holder.id)
  }

  #keepLease(): void {
    const { keeper, report } = this.#parts
    if (this.#isEnded) return
    keeper.hold(this.#holder.id, {
      onKept: () => this.#holder.handOver(),
      onEnded: (reason) => this.#end(leaseLost(reason)),
      onTrouble: (error) => report(noThread(error)),
    })
  }

  async #count(queue: string): Promise<number> {
    const { client, keys } = this.#wire
    return await this.#guarded(async () => {
      const counts = await Promise.all(
        keys.steps(queue).map((list) => client.send<number>(['LLEN', list])),
      )
      return counts.reduce((sum, count) => sum + count, 0)
    }, `count the messages of queue "${queue}"`)
  }

  #clear(queue: string, doing: string): Promise<number> {
    const { client, keys } = this.#wire
    return this.#guarded(() => client.run<number>(clearScript, keys.steps(queue), []), doing)
  }

  /** Ends the session when an answer says that it is of no use any more. */
  #guarded<Value>(operation: () => Promise<Value>, doing = 'talk to Redis'): Promise<Value> {
    if (this.#isEnded) return Promise.reject(this.#error ?? closedError())
    return operation().catch((error: unknown) => {
      const reason = operationError(error, doing)
      const end = sessionEnd(reason)
      if (end !== undefined) this.#end(end)
      throw reason
    })
  }

  #end(error: MessagingError | undefined): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#error = error
    this.#sweeper.stop()
    this.#watch.stop()
    this.#holder.handOver()
    this.#parts.keeper.drop(this.#holder.id)
    if (this.#holder.isRegistered && !this.#hasLeft) this.#parts.onOrphaned(this.#holder.id)
    this.#wire.client.destroy(error)
    this.#ended.resolve(error)
  }
}

function lost(reason: Error): ConnectionError {
  return new ConnectionError(
    'CONNECTION_LOST',
    `The connection to Redis was lost: ${reason.message}`,
    {
      cause: reason,
    },
  )
}

function closedError(): ConnectionError {
  return new ConnectionError('CONNECTION_CLOSED', 'This Redis session was closed')
}

function noThread(cause: Error): ChannelError {
  return new ChannelError(
    'UNSUPPORTED',
    `Leases are renewed by the event loop, because their thread does not run: ${cause.message}. ` +
      'A handler that blocks the loop for longer than "leaseMs" loses its message',
    { cause },
  )
}

function notGivenBack(error: unknown): ChannelError {
  return new ChannelError(
    'LEASE_LOST',
    `Messages that were still held could not be given back at close: ${reasonOf(error)}. They follow when the lease has run out`,
    { cause: error },
  )
}
