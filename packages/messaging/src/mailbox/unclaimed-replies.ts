/** Replies that came when nobody waited for them any more. */

/** A reply of one node: `{ [hostname]: value }`; a handler that failed answers `{ error: … }`. */
export type MailboxReply = Readonly<Record<string, unknown>>

/** Bounded: beyond `limit` replies the oldest ticket is forgotten, and counted. */
export class UnclaimedReplies {
  readonly #limit: number
  readonly #replies = new Map<string, MailboxReply[]>()
  #size = 0
  /** Replies that were forgotten because nobody took them. */
  droppedCount = 0

  constructor(limit = 1000) {
    this.#limit = limit
  }

  /** Replies kept. */
  get size(): number {
    return this.#size
  }

  /** Tickets with replies, oldest first. */
  get tickets(): readonly string[] {
    return [...this.#replies.keys()]
  }

  add(ticket: string, reply: MailboxReply): void {
    const replies = this.#replies.get(ticket)
    if (replies) replies.push(reply)
    else this.#replies.set(ticket, [reply])
    this.#size += 1
    if (this.#size > this.#limit) this.#dropOldest()
  }

  /** Removes and returns what came for a ticket. */
  take(ticket: string): readonly MailboxReply[] {
    const replies = this.#replies.get(ticket) ?? []
    this.#replies.delete(ticket)
    this.#size -= replies.length
    return replies
  }

  #dropOldest(): void {
    for (const ticket of this.#replies.keys()) {
      this.droppedCount += this.take(ticket).length
      return
    }
  }
}
