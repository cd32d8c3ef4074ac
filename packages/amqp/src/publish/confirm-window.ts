/**
 * Published messages that the broker has not confirmed, by their number on the channel.
 *
 * Source: RabbitMQ, "Publisher confirms": messages are numbered from 1 once the channel is in confirm mode; `multiple`
 * means "this and all before"; a message that cannot be routed is returned before it is confirmed.
 */
import type { Confirm } from '../client/frame-intake.ts'
import type { Pending } from './pending.ts'
import { PendingQueue } from './pending-queue.ts'

/** What a returned message says about itself. */
export interface ReturnedMessage {
  readonly exchange: string
  readonly routingKey: string
  readonly messageId: string | undefined
  readonly correlationId: string | undefined
  readonly body: Buffer
}

/** The window of one channel. */
export class ConfirmWindow {
  readonly #pending = new PendingQueue()
  /** Confirmed before those in front of it. */
  readonly #ahead = new Set<number>()
  #lowestTag = 1
  /** Where the latest returned message was: returns come in the order of publishing. */
  #returnedThrough = 0

  get size(): number {
    return this.#pending.size
  }

  get first(): Pending | undefined {
    return this.#pending.first
  }

  /** A message was written, as the next number. */
  add(pending: Pending): void {
    this.#pending.add(pending)
  }

  /** The messages that a confirm is about. */
  confirm(deliveryTag: number, { multiple }: Confirm): readonly Pending[] {
    if (multiple) return this.#takeThrough(deliveryTag)
    if (deliveryTag !== this.#lowestTag) return this.#takeAhead(deliveryTag)
    const first = this.#takeFirst()
    while (this.#ahead.delete(this.#lowestTag)) this.#takeFirst()
    return first === undefined ? [] : [first]
  }

  #takeThrough(deliveryTag: number): readonly Pending[] {
    const taken: Pending[] = []
    while (this.#lowestTag <= deliveryTag && this.#pending.size > 0) {
      const wasAhead = this.#ahead.delete(this.#lowestTag)
      const first = this.#takeFirst()
      if (first !== undefined && !wasAhead) taken.push(first)
    }
    while (this.#ahead.delete(this.#lowestTag)) this.#takeFirst()
    return taken
  }

  #takeAhead(deliveryTag: number): readonly Pending[] {
    const pending = this.#pending.at(deliveryTag - this.#lowestTag)
    const isTold = deliveryTag < this.#lowestTag || this.#ahead.has(deliveryTag)
    if (pending === undefined || isTold) return []
    this.#ahead.add(deliveryTag)
    return [pending]
  }

  #takeFirst(): Pending | undefined {
    const first = this.#pending.takeFirst()
    if (first !== undefined) this.#lowestTag += 1
    return first
  }

  /**
   * Marks the message that came back. It names no number, so the first one is meant that looks like it; among equal
   * ones it makes no difference which.
   */
  markReturned(returned: ReturnedMessage): Pending | undefined {
    const from = Math.max(0, this.#returnedThrough + 1 - this.#lowestTag)
    const index = this.#find(returned, from) ?? this.#find(returned, 0)
    const pending = index === undefined ? undefined : this.#pending.at(index)
    if (index === undefined || pending === undefined) return undefined
    this.#returnedThrough = this.#lowestTag + index
    pending.isReturned = true
    return pending
  }

  #find(returned: ReturnedMessage, from: number): number | undefined {
    for (let index = from; index < this.#pending.size; index++) {
      const pending = this.#pending.at(index)
      const isOpen = pending !== undefined && !pending.isReturned
      const isConfirmed = this.#ahead.has(this.#lowestTag + index)
      if (isOpen && !isConfirmed && looksLike(pending, returned)) return index
    }
    return undefined
  }

  /** The entry at a distance from the front. */
  at(index: number): Pending | undefined {
    return this.#pending.at(index)
  }

  /** Ends the window. @returns what was not confirmed, in order. */
  takeAll(): readonly Pending[] {
    const lowestTag = this.#lowestTag
    const all = this.#pending.takeAll()
    return all.filter((_, index) => !this.#ahead.has(lowestTag + index))
  }
}

function looksLike({ message }: Pending, returned: ReturnedMessage): boolean {
  const { body, properties } = message
  return (
    message.mandatory &&
    message.exchange === returned.exchange &&
    message.routingKey === returned.routingKey &&
    properties.messageId === returned.messageId &&
    properties.correlationId === returned.correlationId &&
    returned.body.equals(typeof body === 'string' ? Buffer.from(body) : body)
  )
}
