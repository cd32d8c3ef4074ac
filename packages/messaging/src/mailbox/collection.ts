/** The replies to one ticket, while somebody waits for them. */
import type { OperationOptions } from '../operation-options.ts'
import type { MailboxReply } from './unclaimed-replies.ts'

/** When a collection is complete, and who is told of each reply. */
export interface CollectOptions extends OperationOptions {
  /** Longest wait for replies, from sending the command. */
  readonly timeoutMs: number
  /** So many replies are enough. Default: whatever comes in time. */
  readonly limit?: number | undefined
  /** Told of each reply as it comes. What it throws, the call throws. */
  readonly callback?: ((reply: MailboxReply) => void) | undefined
}

/** Gathers until `limit` or the end of patience. */
export class Collection {
  readonly #options: CollectOptions
  readonly #replies: MailboxReply[] = []
  readonly #complete = Promise.withResolvers<void>()

  constructor(options: CollectOptions) {
    this.#options = options
    // A reply may end the collection before anybody waits; the wait then throws.
    this.#complete.promise.catch(() => undefined)
  }

  add(reply: MailboxReply): void {
    const { callback, limit } = this.#options
    this.#replies.push(reply)
    try {
      callback?.(reply)
    } catch (error) {
      this.#complete.reject(error)
    }
    if (limit !== undefined && this.#replies.length >= limit) this.#complete.resolve()
  }

  /** What came in time. @throws what the callback threw; `signal.reason`. */
  async wait(): Promise<readonly MailboxReply[]> {
    const { timeoutMs, signal } = this.#options
    signal?.throwIfAborted()
    const timer = setTimeout(this.#complete.resolve, timeoutMs)
    const abort = () => this.#complete.reject(signal?.reason)
    signal?.addEventListener('abort', abort, { once: true })
    try {
      await this.#complete.promise
      return this.#replies
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
    }
  }
}
