/** Counts broadcasts that never arrived, by the numbers that senders give them. */
import type { IncomingMessage } from '../message/envelope.ts'

/** Streams remembered; beyond it the table starts anew, which can only hide a gap, never invent one. */
const maxStreams = 10_000

/** One per receiving queue. */
export class GapCounter {
  readonly #last = new Map<string, number>()

  /** How many broadcasts of the same sender and key are missing just before this one. */
  missedBefore(message: IncomingMessage): number {
    const { sender, sequence } = message.properties
    if (typeof sender !== 'string' || typeof sequence !== 'number' || message.redelivered) return 0
    const stream = `${sender}/${message.exchange}/${message.routingKey}`
    const last = this.#last.get(stream)
    if (this.#last.size >= maxStreams) this.#last.clear()
    this.#last.set(stream, sequence)
    return last === undefined || sequence <= last ? 0 : sequence - last - 1
  }
}
