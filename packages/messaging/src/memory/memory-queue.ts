/** One queue in memory: ten priority levels, each a first-in first-out list. */

const levels = 10

/** An item of a queue: an envelope's text, or whatever somebody else put there. */
export type MemoryPayload = Uint8Array | string

/** Constant-time at both ends. */
export class MemoryQueue {
  readonly #lists = Array.from({ length: levels }, () => new Fifo())
  readonly #waiters = new Set<() => void>()
  #size = 0

  get size(): number {
    return this.#size
  }

  push(payload: MemoryPayload, priority: number): void {
    this.#list(priority).push(payload)
    this.#grown()
  }

  pushFirst(payload: MemoryPayload, priority: number): void {
    this.#list(priority).unshift(payload)
    this.#grown()
  }

  /** The oldest message of the highest priority, with that priority. */
  shift(): { readonly payload: MemoryPayload; readonly priority: number } | undefined {
    if (this.#size === 0) return undefined
    for (let priority = levels - 1; priority >= 0; priority -= 1) {
      const payload = this.#lists[priority]?.shift()
      if (payload !== undefined) {
        this.#size -= 1
        return { payload, priority }
      }
    }
    return undefined
  }

  clear(): number {
    const count = this.#size
    for (const list of this.#lists) list.clear()
    this.#size = 0
    return count
  }

  /** Calls back at the next push, or when the queue is removed. @returns how to stop waiting. */
  onPush(callback: () => void): () => void {
    this.#waiters.add(callback)
    return () => this.#waiters.delete(callback)
  }

  #list(priority: number): Fifo {
    const level = Math.min(levels - 1, Math.max(0, Math.trunc(priority) || 0))
    return this.#lists[level] ?? new Fifo()
  }

  #grown(): void {
    this.#size += 1
    this.wakeAll()
  }

  /** Has everybody who waits look again. */
  wakeAll(): void {
    if (this.#waiters.size === 0) return
    const waiters = [...this.#waiters]
    this.#waiters.clear()
    for (const wake of waiters) wake()
  }
}

/** Reading moves a cursor; the read part is dropped when it is the larger half. */
class Fifo {
  #items: MemoryPayload[] = []
  #start = 0

  push(item: MemoryPayload): void {
    this.#items.push(item)
  }

  unshift(item: MemoryPayload): void {
    if (this.#start > 0) {
      this.#start -= 1
      this.#items[this.#start] = item
    } else {
      this.#items.unshift(item)
    }
  }

  shift(): MemoryPayload | undefined {
    const item = this.#items[this.#start]
    if (item === undefined) return undefined
    this.#items[this.#start] = ''
    this.#start += 1
    if (this.#start > 1024 && this.#start * 2 > this.#items.length) this.#compact()
    return item
  }

  clear(): void {
    this.#items = []
    this.#start = 0
  }

  #compact(): void {
    this.#items = this.#items.slice(this.#start)
    this.#start = 0
  }
}
