/** One connection's conversation with a memory broker. Nothing waits on I/O; the order of effects is the order of calls. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { ConnectionError, type MessagingError } from '../errors.ts'
import { markRedelivered } from '../virtual/envelope-text.ts'
import type {
  BindingTable,
  Lease,
  LeaveOptions,
  QueueOwnership,
  Settlement,
  StoredMessage,
  StoreSession,
  TakeRequest,
} from '../virtual/queue-store.ts'
import type { MemoryBroker } from './memory-broker.ts'
import type { MemoryPayload } from './memory-queue.ts'

interface Held {
  readonly queue: string
  readonly payload: MemoryPayload
  readonly priority: number
}

/** See `StoreSession`. A session that ends gives back what it holds. */
export class MemorySession implements StoreSession {
  readonly #broker: MemoryBroker
  readonly #held = new Map<string, Held>()
  readonly #joined = new Set<string>()
  readonly #ended = Promise.withResolvers<MessagingError | undefined>()
  readonly #wakers = new Set<() => void>()
  #operationCount = 0
  #end: { readonly error: MessagingError | undefined } | undefined
  #lastToken = 0

  constructor(broker: MemoryBroker) {
    this.#broker = broker
  }

  get closed(): Promise<MessagingError | undefined> {
    return this.#ended.promise
  }

  get bindings(): BindingTable {
    return this.#broker.bindings
  }

  async declareQueue(
    queue: string,
    _arguments: Readonly<Record<string, unknown>>,
    ownership?: QueueOwnership,
  ): Promise<number> {
    this.#assertOpen()
    if (ownership?.exclusive) this.#broker.own(queue, this)
    return this.#broker.queue(queue).size
  }

  async ownsQueue(queue: string): Promise<boolean> {
    return this.#broker.isOwn(queue, this)
  }

  async joinQueue(queue: string): Promise<void> {
    this.#assertOpen()
    this.#joined.add(queue)
    this.#broker.join(queue, this)
  }

  async leaveQueue(queue: string, { deleteIfLast }: LeaveOptions): Promise<boolean> {
    this.#assertOpen()
    this.#joined.delete(queue)
    const isGone = this.#broker.leave(queue, this) && deleteIfLast
    if (isGone) {
      this.#broker.remove(queue)
      await this.bindings.removeQueue(queue, [])
    }
    return isGone
  }

  async inspectQueue(queue: string): Promise<number | undefined> {
    this.#assertOpen()
    return this.#broker.find(queue)?.size
  }

  async purgeQueue(queue: string): Promise<number> {
    this.#assertOpen()
    return this.#broker.find(queue)?.clear() ?? 0
  }

  async deleteQueue(queue: string): Promise<number> {
    this.#assertOpen()
    return this.#broker.remove(queue)
  }

  async put(messages: readonly StoredMessage[]): Promise<void> {
    this.#assertOpen()
    for (const { queue, payload, priority } of messages)
      this.#broker.queue(queue).push(payload, priority)
    if (this.#isDueForOthers()) await nextTurn()
  }

  async take(request: TakeRequest): Promise<readonly Lease[]> {
    this.#assertOpen()
    const leases: Lease[] = []
    for (const queue of request.queues) {
      while (leases.length < request.limit) {
        const item = this.#broker.find(queue)?.shift()
        if (!item) break
        leases.push({
          queue,
          payload: item.payload,
          token: request.noAck ? '' : this.#hold({ queue, ...item }),
        })
      }
    }
    if (this.#isDueForOthers()) await nextTurn()
    return leases
  }

  /** Promises alone never let timers and sockets in: a program that is busy here would be deaf to everything else. */
  #isDueForOthers(): boolean {
    this.#operationCount += 1
    return this.#operationCount % 256 === 0
  }

  async wait(queues: readonly string[], signal: AbortSignal): Promise<void> {
    this.#assertOpen()
    if (signal.aborted || queues.some((queue) => this.#broker.queue(queue).size > 0)) return
    const woken = Promise.withResolvers<void>()
    const wake = () => woken.resolve()
    const stops = queues.map((queue) => this.#broker.queue(queue).onPush(wake))
    signal.addEventListener('abort', wake, { once: true })
    this.#wakers.add(wake)
    await woken.promise
    this.#wakers.delete(wake)
    for (const stop of stops) stop()
    signal.removeEventListener('abort', wake)
    this.#assertOpen()
  }

  async settle(settlements: readonly Settlement[]): Promise<readonly boolean[]> {
    this.#assertOpen()
    return settlements.map((settlement) => this.#settleOne(settlement))
  }

  async close(): Promise<void> {
    this.#endWith(undefined)
  }

  destroy(error?: MessagingError): void {
    this.#endWith(error ?? new ConnectionError('CONNECTION_LOST', 'The memory connection was cut'))
  }

  #hold(held: Held): string {
    this.#lastToken += 1
    const token = String(this.#lastToken)
    this.#held.set(token, held)
    return token
  }

  #settleOne(settlement: Settlement): boolean {
    if (!this.#held.delete(settlement.token)) return false
    if (settlement.outcome === 'done') return true
    const queue = this.#broker.queue(settlement.queue)
    const { payload, priority, outcome } = settlement
    if (outcome === 'requeue') queue.push(payload, priority)
    else queue.pushFirst(payload, priority)
    return true
  }

  #endWith(error: MessagingError | undefined): void {
    if (this.#end) return
    this.#end = { error }
    for (const { queue, payload, priority } of [...this.#held.values()].reverse()) {
      this.#broker.queue(queue).pushFirst(redelivered(payload), priority)
    }
    this.#held.clear()
    for (const queue of this.#joined) this.#broker.leave(queue, this)
    for (const wake of this.#wakers) wake()
    this.#ended.resolve(error)
  }

  #assertOpen(): void {
    if (!this.#end) return
    const { error } = this.#end
    throw error instanceof ConnectionError ? lost(error) : closed()
  }
}

/** A foreign item comes back as it is. */
function redelivered(payload: MemoryPayload): MemoryPayload {
  try {
    return markRedelivered(payload)
  } catch {
    return payload
  }
}

function lost(cause: ConnectionError): ConnectionError {
  const message = `The memory connection was lost (${cause.message})`
  return new ConnectionError('CONNECTION_LOST', message, { cause })
}

function closed(): ConnectionError {
  return new ConnectionError('CONNECTION_CLOSED', 'The memory connection was closed; connect again')
}
