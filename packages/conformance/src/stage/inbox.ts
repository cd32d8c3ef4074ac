/** What a consumer received, to be waited for. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Message } from '@dashi/messaging'
import { within } from './eventually.ts'

/** Collects messages. `receive` is a consumer's `onMessage`. */
export class Inbox {
  readonly messages: Message[] = []
  readonly #settle: (message: Message) => void
  #grown = Promise.withResolvers<void>()

  /** @param settle What to do with each message at once. Default: keep it. */
  constructor(settle: (message: Message) => void = keep) {
    this.#settle = settle
  }

  readonly receive = (message: Message): void => {
    this.messages.push(message)
    this.#settle(message)
    this.#grown.resolve()
    this.#grown = Promise.withResolvers()
  }

  /** Bodies in order of arrival. */
  get bodies(): readonly unknown[] {
    return this.messages.map((message) => message.payload)
  }

  /** The message at a place, which must have arrived. */
  at(index: number): Message {
    const message = this.messages.at(index)
    if (message === undefined)
      throw new Error(`Message ${index} has not arrived: there are ${this.messages.length}`)
    return message
  }

  /** Resolves with all messages when there are so many. */
  async arrived(count: number, timeoutMs?: number): Promise<readonly Message[]> {
    const until = performance.now() + (timeoutMs ?? 5_000)
    while (this.messages.length < count) {
      await within(this.#grown.promise, {
        what: `Arrival of ${count} messages (there are ${this.messages.length})`,
        timeoutMs: Math.max(1, until - performance.now()),
      })
    }
    return this.messages
  }

  /** Resolves with the bodies, each once and sorted, when so many different ones arrived. */
  async different(count: number, timeoutMs?: number): Promise<readonly unknown[]> {
    const until = performance.now() + (timeoutMs ?? 5_000)
    for (;;) {
      const bodies = new Set(this.bodies)
      if (bodies.size >= count) return [...bodies].sort((a, b) => Number(a) - Number(b))
      await within(this.#grown.promise, {
        what: `Arrival of ${count} different messages (there are ${bodies.size} among ${this.messages.length})`,
        timeoutMs: Math.max(1, until - performance.now()),
      })
    }
  }

  /** Fails when there are more messages than so many, now or within a moment. */
  async staysAt(count: number, quietMs = 100): Promise<void> {
    await sleep(quietMs)
    if (this.messages.length === count) return
    throw new Error(
      `${this.messages.length} messages arrived, and there should be ${count}: ${JSON.stringify(this.bodies)}`,
    )
  }
}

function keep(): void {
  // The case settles it.
}
