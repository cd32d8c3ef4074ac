/** A transport in a hundred lines: queues are arrays on a shelf of this process. */
import { EventEmitter, once } from 'node:events'
import type { Capabilities, Transport } from '@dashi/messaging'
import {
  ConnectionError,
  type Lease,
  type MessagingError,
  type QueueStore,
  type Settlement,
  type StoreSession,
  type TakeRequest,
  virtualTransport,
} from '@dashi/messaging/transport'

/** What the connections of one transport share. Emits `put`. */
class Shelf extends EventEmitter {
  readonly #queues = new Map<string, (Uint8Array | string)[]>()

  queue(name: string): (Uint8Array | string)[] {
    const known = this.#queues.get(name) ?? []
    this.#queues.set(name, known)
    return known
  }

  has(name: string): boolean {
    return this.#queues.has(name)
  }

  remove(name: string): number {
    const count = this.queue(name).length
    this.#queues.delete(name)
    return count
  }
}

class ShelfSession implements StoreSession {
  readonly #shelf: Shelf
  readonly #held = new Map<string, Lease>()
  readonly #ended = Promise.withResolvers<MessagingError | undefined>()
  #end: { readonly reason: MessagingError | undefined } | undefined

  constructor(shelf: Shelf) {
    this.#shelf = shelf
  }

  get closed(): Promise<MessagingError | undefined> {
    return this.#ended.promise
  }

  put = this.#whileOpen((messages: readonly { queue: string; payload: string }[]) => {
    for (const { queue, payload } of messages) this.#shelf.queue(queue).push(payload)
    this.#shelf.emit('put')
  })
  declareQueue = this.#whileOpen((queue: string) => this.#shelf.queue(queue).length)
  inspectQueue = this.#whileOpen((queue: string) =>
    this.#shelf.has(queue) ? this.#shelf.queue(queue).length : undefined,
  )
  purgeQueue = this.#whileOpen((queue: string) => this.#shelf.queue(queue).splice(0).length)
  deleteQueue = this.#whileOpen((queue: string) => this.#shelf.remove(queue))
  settle = this.#whileOpen((settlements: readonly Settlement[]) =>
    settlements.map((one) => this.#settleOne(one)),
  )
  take = this.#whileOpen(({ queues, limit, noAck }: TakeRequest) => {
    const leases: Lease[] = []
    for (const queue of queues) {
      for (const payload of this.#shelf.queue(queue).splice(0, limit - leases.length)) {
        const lease = { queue, payload, token: noAck ? '' : crypto.randomUUID() }
        if (!noAck) this.#held.set(lease.token, lease)
        leases.push(lease)
      }
    }
    return leases
  })

  async wait(queues: readonly string[], signal: AbortSignal): Promise<void> {
    if (this.#end || queues.some((queue) => this.#shelf.queue(queue).length > 0)) return
    const stop = AbortSignal.any([signal, AbortSignal.timeout(1000)])
    await once(this.#shelf, 'put', { signal: stop }).catch(() => undefined)
  }

  async close(): Promise<void> {
    this.#finish(undefined)
  }

  destroy(error = new ConnectionError('CONNECTION_LOST', 'The shelf was taken away')): void {
    this.#finish(error)
  }

  #settleOne(one: Settlement): boolean {
    if (!this.#held.delete(one.token)) return false
    if (one.outcome === 'requeue') this.#shelf.queue(one.queue).push(one.payload)
    if (one.outcome === 'release') this.#shelf.queue(one.queue).unshift(one.payload)
    if (one.outcome !== 'done') this.#shelf.emit('put')
    return true
  }

  #finish(reason: MessagingError | undefined): void {
    this.#end ??= { reason }
    for (const { queue, payload } of [...this.#held.values()].reverse())
      this.#shelf.queue(queue).unshift(payload)
    this.#held.clear()
    this.#shelf.emit('put')
    this.#ended.resolve(reason)
  }

  #whileOpen<Argument, Result>(
    operation: (argument: Argument) => Result,
  ): (argument: Argument) => Promise<Result> {
    return async (argument) => {
      if (this.#end)
        throw (
          this.#end.reason ??
          new ConnectionError('CONNECTION_CLOSED', 'The shelf session was closed')
        )
      return operation(argument)
    }
  }
}

const capabilities: Capabilities = {
  exchangeTypes: ['direct', 'fanout', 'topic', 'headers'],
  exchangeBindings: false,
  priorities: false,
  messageTtl: true,
  deadLetters: true,
  leases: false,
  sharedBindings: false,
  durability: 'none',
  requeue: 'last',
  heartbeats: false,
}

/** Connections through the same transport see each other. */
export function shelf(): Transport {
  const shared = new Shelf()
  const nowhere = {
    hostname: undefined,
    port: undefined,
    userid: undefined,
    password: undefined,
    virtualHost: undefined,
  }
  const store: QueueStore = {
    name: 'shelf',
    capabilities,
    address: { scheme: 'shelf', ...nowhere },
    maxPayloadBytes: 1024 * 1024,
    open: async () => new ShelfSession(shared),
  }
  return virtualTransport(store)
}
