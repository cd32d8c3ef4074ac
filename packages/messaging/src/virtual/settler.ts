/** Gathers settlements of one turn and tells the store about them in one go. */
import type { Settlement, StoreSession } from './queue-store.ts'

/** Settles for all channels of one connection. */
export class Settler {
  readonly #session: StoreSession
  #pending: Settlement[] = []
  readonly #inFlight = new Set<Promise<void>>()
  #failure: unknown
  #staleCount = 0

  constructor(session: StoreSession) {
    this.#session = session
  }

  add(settlement: Settlement): void {
    if (this.#pending.length === 0) process.nextTick(() => this.flush())
    this.#pending.push(settlement)
  }

  /** Sends what is pending now, so that it travels with the next command. */
  flush(): void {
    if (this.#pending.length === 0) return
    const settlements = this.#pending
    this.#pending = []
    const sent = this.#session.settle(settlements).then(
      (held) => this.#count(held),
      (error: unknown) => this.#fail(settlements.length, error),
    )
    this.#inFlight.add(sent)
    void sent.finally(() => this.#inFlight.delete(sent))
  }

  /**
   * Resolves when the store has answered everything settled so far.
   *
   * @returns how many came too late since the last call.
   * @throws what the store answered, once.
   */
  async settled(): Promise<number> {
    this.flush()
    await Promise.all(this.#inFlight)
    const failure = this.#failure
    const stale = this.#staleCount
    this.#failure = undefined
    this.#staleCount = 0
    if (failure !== undefined) throw failure
    return stale
  }

  #count(held: readonly boolean[]): void {
    for (const one of held) if (!one) this.#staleCount += 1
  }

  #fail(count: number, error: unknown): void {
    this.#staleCount += count
    this.#failure = error
  }
}
