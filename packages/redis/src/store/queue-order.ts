import type { TakeRequest } from '@dashi/messaging/transport'

/**
 * Kombu's `queue_order_strategy`.
 *
 * `round_robin`: a queue that was served comes after the others; `priority`: as the consumer named them;
 * `sorted`: by name.
 */
export type QueueOrderStrategy = 'round_robin' | 'priority' | 'sorted'

/** The strategies there are. */
export const queueOrderStrategies: readonly QueueOrderStrategy[] = [
  'round_robin',
  'priority',
  'sorted',
]

/** Queues remembered at most: names of reply queues never come again. */
const maxRemembered = 10_000

/** In which order a session's queues are served, take by take. */
export class QueueOrder {
  readonly #strategy: QueueOrderStrategy
  /** When a queue was served last, in takes. */
  readonly #servedAt = new Map<string, number>()
  #count = 0

  constructor(strategy: QueueOrderStrategy) {
    this.#strategy = strategy
  }

  /** The request with its queues in order. */
  arranged(request: TakeRequest): TakeRequest {
    const { queues } = request
    if (queues.length < 2 || this.#strategy === 'priority') return request
    if (this.#strategy === 'sorted') return { ...request, queues: queues.toSorted() }
    const servedAt = (queue: string) => this.#servedAt.get(queue) ?? 0
    return { ...request, queues: queues.toSorted((a, b) => servedAt(a) - servedAt(b)) }
  }

  /** Remembers what a take found. */
  served(request: TakeRequest, found: readonly { readonly queue: string }[]): void {
    if (request.queues.length < 2 || this.#strategy !== 'round_robin') return
    if (this.#servedAt.size >= maxRemembered) this.#servedAt.clear()
    this.#count += 1
    for (const { queue } of found) this.#servedAt.set(queue, this.#count)
  }
}
