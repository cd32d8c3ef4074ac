/** A broker that lives in this process: the queues and bindings that connections share. */
import { LocalBindingTable } from '../virtual/local-binding-table.ts'
import { MemoryQueue } from './memory-queue.ts'

/** Pass the same broker to several transports to let their connections talk. */
export class MemoryBroker {
  readonly bindings: LocalBindingTable = new LocalBindingTable()
  readonly #queues = new Map<string, MemoryQueue>()
  readonly #owners = new Map<string, object>()
  readonly #consumers = new Map<string, Set<object>>()

  /** The queue of that name, made if need be. */
  queue(name: string): MemoryQueue {
    const known = this.#queues.get(name)
    if (known) return known
    const made = new MemoryQueue()
    this.#queues.set(name, made)
    return made
  }

  find(name: string): MemoryQueue | undefined {
    return this.#queues.get(name)
  }

  /** Makes a queue somebody's own: the last one to say so. */
  own(name: string, owner: object): void {
    this.#owners.set(name, owner)
  }

  isOwn(name: string, owner: object): boolean {
    return this.#owners.get(name) === owner
  }

  join(name: string, consumer: object): void {
    const consumers = this.#consumers.get(name) ?? new Set()
    this.#consumers.set(name, consumers.add(consumer))
  }

  /** @returns whether nobody is left. */
  leave(name: string, consumer: object): boolean {
    const consumers = this.#consumers.get(name)
    consumers?.delete(consumer)
    if (consumers !== undefined && consumers.size > 0) return false
    this.#consumers.delete(name)
    return true
  }

  /** @returns messages that went with it. */
  remove(name: string): number {
    const queue = this.#queues.get(name)
    if (!queue) return 0
    this.#queues.delete(name)
    this.#owners.delete(name)
    const count = queue.clear()
    // Whoever waits at this queue has to wait at the next one of that name.
    queue.wakeAll()
    return count
  }
}
