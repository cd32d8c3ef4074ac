/** Deliveries that a channel has handed out and that nobody has settled yet. */
import type { IncomingMessage } from '../message/envelope.ts'

/** One delivery that is out. */
export interface HeldMessage {
  readonly queue: string
  readonly token: string
  readonly payload: Uint8Array | string
  readonly message: IncomingMessage
  /** A broadcast: lies in no store, so settling it is a local affair. */
  readonly isBroadcast: boolean
}

/** In order of delivery; handles ascend. */
export class HeldMessages {
  readonly #held = new Map<number, HeldMessage>()
  #lastHandle = 0

  get size(): number {
    return this.#held.size
  }

  add(message: HeldMessage): number {
    this.#lastHandle += 1
    this.#held.set(this.#lastHandle, message)
    return this.#lastHandle
  }

  /** Removes one, or with `multiple` it and all before. Unknown handles give nothing. */
  take(handle: number, multiple: boolean): readonly HeldMessage[] {
    if (!multiple) return this.#takeOne(handle)
    const taken: HeldMessage[] = []
    for (const [earlier, message] of this.#held) {
      if (earlier > handle) break
      this.#held.delete(earlier)
      taken.push(message)
    }
    return taken
  }

  /** Removes all, newest first: putting them back in this order keeps theirs. */
  takeAllNewestFirst(): readonly HeldMessage[] {
    const all = [...this.#held.values()].reverse()
    this.#held.clear()
    return all
  }

  #takeOne(handle: number): readonly HeldMessage[] {
    const message = this.#held.get(handle)
    if (!message) return []
    this.#held.delete(handle)
    return [message]
  }
}
