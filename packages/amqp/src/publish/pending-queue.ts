import type { Pending } from './pending.ts'

// Moving the rest forward costs as much as what is left, so it is done seldom.
const compactAt = 1_024

/** Messages in the order of their publishing, taken from the front. */
export class PendingQueue {
  #entries: Pending[] = []
  #head = 0

  get size(): number {
    return this.#entries.length - this.#head
  }

  get first(): Pending | undefined {
    return this.#entries[this.#head]
  }

  /** The entry at a distance from the front. */
  at(index: number): Pending | undefined {
    return this.#entries[this.#head + index]
  }

  add(pending: Pending): void {
    this.#entries.push(pending)
  }

  /** Puts messages before all others. */
  addFirst(pending: readonly Pending[]): void {
    this.#entries = [...pending, ...this.#entries.slice(this.#head)]
    this.#head = 0
  }

  takeFirst(): Pending | undefined {
    const first = this.#entries[this.#head]
    if (first === undefined) return undefined
    this.#head += 1
    if (this.#head >= compactAt && this.#head * 2 >= this.#entries.length) this.#compact()
    return first
  }

  takeAll(): readonly Pending[] {
    const all = this.#entries.slice(this.#head)
    this.#entries = []
    this.#head = 0
    return all
  }

  #compact(): void {
    this.#entries = this.#entries.slice(this.#head)
    this.#head = 0
  }
}
