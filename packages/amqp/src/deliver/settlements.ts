/**
 * What was delivered on a channel and what became of it, so that many acknowledgements become one.
 *
 * `basic.ack` with `multiple` ends everything up to its number. It is written only where nothing unsettled lies below.
 */
import type { Outcome } from '@dashi/messaging/transport'
import { writeAck, writeNack } from '../wire/frames.ts'
import type { WriteBuffer } from '../wire/write-buffer.ts'

/** Where settlements are written. */
export interface SettlementTarget {
  readonly buffer: WriteBuffer
  readonly channel: number
}

/** Whether a delivery counts against the prefetch limit; those of `basic.get` and those that wait do not. */
export type DeliveryKind = 'consumed' | 'got' | 'noAck'

const settled = 0
const consumed = 1
const got = 2

// Moving the rest forward costs as much as what is left, so it is done seldom.
const compactAt = 4_096

/** The deliveries of one channel, by their numbers. */
export class Settlements {
  readonly #target: SettlementTarget
  /** States by number, from `#base` on. */
  #states: number[] = []
  #base = 1
  /** Everything below is settled. */
  #lowest = 1
  #pendingAcks: number[] = []
  #consumedCount = 0
  /** Up to here everything was given back to the broker at once. */
  #forgottenThrough = 0

  constructor(target: SettlementTarget) {
    this.#target = target
  }

  /** Unsettled deliveries that count against the prefetch limit. */
  get consumedCount(): number {
    return this.#consumedCount
  }

  /** A delivery came. Numbers ascend without gaps. */
  add(deliveryTag: number, kind: DeliveryKind): void {
    this.#states[deliveryTag - this.#base] = stateOf(kind)
    if (kind === 'consumed') this.#consumedCount += 1
  }

  /** The broker does not wait for the settlement of this one. */
  waive(deliveryTag: number): void {
    this.#close(deliveryTag)
  }

  /** A delivery counts against the limit from now on. */
  count(deliveryTag: number): void {
    this.#states[deliveryTag - this.#base] = consumed
    this.#consumedCount += 1
  }

  /** Notes what becomes of a delivery. @returns whether there is something to be flushed. */
  settle(deliveryTag: number, outcome: Outcome, multiple: boolean): boolean {
    if (multiple) return this.#settleThrough(deliveryTag, outcome)
    if (!this.#close(deliveryTag)) return false
    if (outcome === 'ack') this.#pendingAcks.push(deliveryTag)
    else this.#writeNack(deliveryTag, outcome, false)
    return true
  }

  #settleThrough(deliveryTag: number, outcome: Outcome): boolean {
    // Those acknowledged before must be so before the others are refused.
    if (outcome !== 'ack') this.flush()
    let last = 0
    for (let tag = this.#lowest; tag <= deliveryTag; tag++) if (this.#close(tag)) last = tag
    if (last === 0) return false
    if (outcome === 'ack') this.#pendingAcks.push(last)
    else this.#writeNack(last, outcome, true)
    return true
  }

  #writeNack(deliveryTag: number, outcome: Outcome, multiple: boolean): void {
    const { buffer, channel } = this.#target
    writeNack(buffer, channel, { deliveryTag, multiple, requeue: outcome !== 'reject' })
  }

  /** Writes the acknowledgements noted so far. */
  flush(): void {
    if (this.#pendingAcks.length === 0) return
    this.#advance()
    const { buffer, channel } = this.#target
    let covered = 0
    let coveredCount = 0
    for (const tag of this.#pendingAcks) {
      if (tag < this.#lowest) {
        covered = Math.max(covered, tag)
        coveredCount += 1
      } else {
        writeAck(buffer, channel, { deliveryTag: tag, multiple: false })
      }
    }
    // `multiple` even for one: it may stand for others that were settled with it.
    if (coveredCount > 0) writeAck(buffer, channel, { deliveryTag: covered, multiple: true })
    this.#pendingAcks = []
  }

  /** Whether somebody settles what had been given back: too late. */
  isForgotten(deliveryTag: number): boolean {
    return deliveryTag <= this.#forgottenThrough
  }

  /** Nothing delivered so far is ours any more. */
  forgetAll(): void {
    this.#forgottenThrough = this.#base + this.#states.length - 1
    this.#lowest = this.#base + this.#states.length
    this.#base = this.#lowest
    this.#states = []
    this.#pendingAcks = []
    this.#consumedCount = 0
  }

  /** @returns whether it was unsettled. */
  #close(deliveryTag: number): boolean {
    const index = deliveryTag - this.#base
    const state = this.#states[index] ?? settled
    if (state === settled) return false
    this.#states[index] = settled
    if (state === consumed) this.#consumedCount -= 1
    return true
  }

  #advance(): void {
    const end = this.#base + this.#states.length
    while (this.#lowest < end && this.#states[this.#lowest - this.#base] === settled) {
      this.#lowest += 1
    }
    const done = this.#lowest - this.#base
    if (done < compactAt || done * 2 < this.#states.length) return
    this.#states = this.#states.slice(done)
    this.#base = this.#lowest
  }
}

function stateOf(kind: DeliveryKind): number {
  if (kind === 'consumed') return consumed
  return kind === 'got' ? got : settled
}
