/** Deliveries that a channel has handed out and that nobody has settled yet. */
import type { VirtualMessage } from './envelope-message.ts'
import type { Lease } from './queue-store.ts'

/** One delivery that is out. */
export interface HeldMessage {
  readonly lease: Lease
  readonly message: VirtualMessage
  /** Lies in no store, so settling it is a local affair. */
  readonly isBroadcast: boolean
}

/** In order of delivery; handles ascend. */
export class HeldMessages {
  readonly #held = new Map<number, HeldMessage>()
  #lastHandle = 0
  #releasedHandle = 0

  get size(): number {
    return this.#held.size
  }

  /** @returns the handle, from 1. */
  add(message: HeldMessage): number {
    this.#lastHandle += 1
    this.#held.set(this.#lastHandle, message)
    return this.#lastHandle
  }

  /** Removes one, if it is still held. */
  take(handle: number): HeldMessage | undefined {
    const message = this.#held.get(handle)
    if (message) this.#held.delete(handle)
    return message
  }

  /** Removes it and all before. */
  takeUpTo(handle: number): readonly HeldMessage[] {
    const taken: HeldMessage[] = []
    for (const [earlier, message] of this.#held) {
      if (earlier > handle) break
      this.#held.delete(earlier)
      taken.push(message)
    }
    return taken
  }

  /** Removes all of one queue. */
  takeAllOf(queue: string): readonly HeldMessage[] {
    const taken: HeldMessage[] = []
    for (const [handle, message] of this.#held) {
      if (message.lease.queue !== queue) continue
      this.#held.delete(handle)
      taken.push(message)
    }
    return taken
  }

  /** Whether a delivery that is no longer held may have been given back. */
  wasReleased(handle: number): boolean {
    return handle <= this.#releasedHandle
  }

  /** Removes all, newest first: putting them back in this order keeps theirs. */
  takeAllNewestFirst(): readonly HeldMessage[] {
    this.#releasedHandle = this.#lastHandle
    const all = [...this.#held.values()].reverse()
    this.#held.clear()
    return all
  }
}
