/**
 * Broadcasts on their way to consumers.
 *
 * A native broadcast (Redis pub/sub) never lies in the broker, so the queue it is for lives here: one per
 * queue name and connection, bounded, shared by the connection's consumers of that queue.
 */
import type {
  Broadcaster,
  BroadcastMessage,
  BroadcastSubscription,
  StoredBinding,
} from './queue-store.ts'

/** Beyond this, the oldest broadcast is dropped and counted: pub/sub has no back-pressure. */
const maxWaiting = 10_000

interface BroadcastQueue {
  readonly waiting: (Uint8Array | string)[]
  readonly subscriptions: Promise<BroadcastSubscription>[]
  consumers: number
}

/** The broadcast queues of one connection. */
export class BroadcastQueues {
  readonly #broadcaster: Broadcaster
  readonly #onMessage: () => void
  readonly #queues = new Map<string, BroadcastQueue>()
  /** Broadcasts dropped because nobody took them. */
  droppedCount = 0

  constructor(broadcaster: Broadcaster, onMessage: () => void) {
    this.#broadcaster = broadcaster
    this.#onMessage = onMessage
  }

  /** Starts receiving for a queue. Resolves when the broker has confirmed every subscription. */
  async open(queue: string, bindings: readonly StoredBinding[]): Promise<void> {
    const known = this.#queues.get(queue)
    if (known) {
      known.consumers += 1
      return await this.#subscribed(queue, known)
    }
    const opened: BroadcastQueue = { waiting: [], subscriptions: [], consumers: 1 }
    this.#queues.set(queue, opened)
    for (const { exchange, routingKey } of bindings) {
      const receive = (message: BroadcastMessage) => this.#receive(opened, message)
      opened.subscriptions.push(this.#broadcaster.subscribe(exchange, routingKey, receive))
    }
    await this.#subscribed(queue, opened)
  }

  /** All or nothing: who tries again after a refusal starts anew. */
  async #subscribed(queue: string, opened: BroadcastQueue): Promise<void> {
    try {
      await Promise.all(opened.subscriptions)
    } catch (error) {
      if (this.#queues.get(queue) === opened) this.#queues.delete(queue)
      const outcomes = await Promise.allSettled(opened.subscriptions)
      const made = outcomes.filter((outcome) => outcome.status === 'fulfilled')
      await Promise.allSettled(made.map(({ value }) => value.cancel()))
      throw error
    }
  }

  /** One consumer less; the last one ends the subscriptions and drops what waits. */
  async close(queue: string): Promise<void> {
    const known = this.#queues.get(queue)
    if (!known) return
    known.consumers -= 1
    if (known.consumers > 0) return
    this.#queues.delete(queue)
    const subscriptions = await Promise.all(known.subscriptions)
    await Promise.all(subscriptions.map((subscription) => subscription.cancel()))
  }

  /** Takes at most `limit` waiting broadcasts of one queue. */
  take(queue: string, limit: number): readonly (Uint8Array | string)[] {
    return this.#queues.get(queue)?.waiting.splice(0, limit) ?? []
  }

  /** Puts a broadcast back, next to be delivered or last. */
  putBack(queue: string, payload: Uint8Array | string, where: 'first' | 'last'): void {
    const known = this.#queues.get(queue)
    if (!known) return
    if (where === 'first') known.waiting.unshift(payload)
    else known.waiting.push(payload)
    this.#onMessage()
  }

  #receive(queue: BroadcastQueue, message: BroadcastMessage): void {
    if (queue.waiting.length >= maxWaiting) {
      queue.waiting.shift()
      this.droppedCount += 1
    }
    queue.waiting.push(message.payload)
    this.#onMessage()
  }
}

/** Only fanout bindings are broadcast. */
export function fanoutBindings(bindings: readonly StoredBinding[]): readonly StoredBinding[] {
  return bindings.filter((binding) => binding.exchangeType === 'fanout')
}
