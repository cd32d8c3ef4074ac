/** Who consumes what on a channel, and whose turn it is. */
import type { DeliverySink } from '../transport/transport.ts'
import type { GapCounter } from './gap-counter.ts'

/** One consumer of one queue. */
export interface VirtualConsumer {
  readonly tag: string
  readonly queue: string
  readonly noAck: boolean
  readonly sink: DeliverySink
  /** Whether broadcasts reach the queue. */
  readonly isBroadcast: boolean
  /** Whether the store has the queue, or only broadcasts reach it. */
  readonly isStored: boolean
  readonly gaps: GapCounter
}

/** Fair in both directions: queues take turns, and so do the consumers of one queue. */
export class ConsumerTable {
  readonly #byTag = new Map<string, VirtualConsumer>()
  readonly #byQueue = new Map<string, VirtualConsumer[]>()

  get isEmpty(): boolean {
    return this.#byTag.size === 0
  }

  add(consumer: VirtualConsumer): void {
    this.#byTag.set(consumer.tag, consumer)
    this.#byQueue.set(consumer.queue, [...(this.#byQueue.get(consumer.queue) ?? []), consumer])
  }

  remove(tag: string): VirtualConsumer | undefined {
    const consumer = this.#byTag.get(tag)
    if (!consumer) return undefined
    this.#byTag.delete(tag)
    const rest = (this.#byQueue.get(consumer.queue) ?? []).filter((other) => other !== consumer)
    if (rest.length > 0) this.#byQueue.set(consumer.queue, rest)
    else this.#byQueue.delete(consumer.queue)
    return consumer
  }

  consumersOf(queue: string): readonly VirtualConsumer[] {
    return this.#byQueue.get(queue) ?? []
  }

  all(): readonly VirtualConsumer[] {
    return [...this.#byTag.values()]
  }

  /** The consumer whose turn it is; it goes to the end of the line. */
  next(queue: string): VirtualConsumer | undefined {
    const line = this.#byQueue.get(queue)
    if (!line || line.length === 1) return line?.[0]
    const first = line.shift()
    if (first) line.push(first)
    return first
  }

  /** Queues of the store with consumers of this kind, the longest unserved first. */
  storedQueues(noAck: boolean): readonly string[] {
    return this.#queues((consumer) => consumer.isStored && consumer.noAck === noAck)
  }

  broadcastQueues(): readonly string[] {
    return this.#queues((consumer) => consumer.isBroadcast)
  }

  /** Sends the queue just served to the end. */
  served(queue: string): void {
    const line = this.#byQueue.get(queue)
    if (!line) return
    this.#byQueue.delete(queue)
    this.#byQueue.set(queue, line)
  }

  #queues(wanted: (consumer: VirtualConsumer) => boolean): readonly string[] {
    const queues: string[] = []
    for (const [queue, [first]] of this.#byQueue) if (first && wanted(first)) queues.push(queue)
    return queues
  }
}
