/**
 * Getting SQLite's one write lock, and giving others a chance at it.
 *
 * SQLite has no queue for the lock: whoever tries at the right moment gets it. A Kombu process tries
 * every 100 ms and gives up after 5 s, losing the message that it was storing. So a session that
 * writes without a break leaves the lock alone for a while after each transaction, the longer the
 * more often it finds it taken; what arrives meanwhile makes the next transaction larger.
 */
import { isBusy, sleepSync, whenFree } from './busy.ts'

/** The shortest break, as a part of the transaction before it. */
const breakShare = 0.1
/** How much contention lengthens it. */
const contentionWeight = 1
const longestBreakMs = 25
/** How fast old impressions of contention fade. */
const memory = 0.9

/** The lock as one session knows it. */
export class WriteLock {
  readonly #timeoutMs: number
  readonly #begin: () => void
  /** How often the lock was found taken, 0 to 1. */
  #contention = 0
  #acquiredAt = 0
  #breakEndsAt = 0

  /** @param begin Takes the lock or throws SQLITE_BUSY. */
  constructor(timeoutMs: number, begin: () => void) {
    this.#timeoutMs = timeoutMs
    this.#begin = begin
  }

  /** @throws SQLITE_BUSY when others keep it for longer than the timeout. */
  acquire(): void {
    sleepSync(this.#breakEndsAt - performance.now())
    const isFree = this.#tryOnce()
    this.#contention = this.#contention * memory + (isFree ? 0 : 1 - memory)
    if (!isFree) whenFree(this.#timeoutMs, this.#begin)
    this.#acquiredAt = performance.now()
  }

  #tryOnce(): boolean {
    try {
      this.#begin()
      return true
    } catch (error) {
      if (isBusy(error)) return false
      throw error
    }
  }

  /** Call when the transaction has ended, one way or the other. */
  released(): void {
    const now = performance.now()
    const contention = this.#contention / (1.05 - this.#contention)
    const share = breakShare + contentionWeight * contention
    this.#breakEndsAt = now + Math.min(longestBreakMs, (now - this.#acquiredAt) * share)
  }
}
