/** Gathers settlements of one turn and tells the store about them in one go. */
import type { Settlement, StoreSession } from './queue-store.ts'

/** Told what became of settlements: one per channel. */
export interface SettlementAccount {
  /** The lease was gone. */
  countLate(): void
  /** The store refused, or its connection was lost: nobody knows. */
  countFailure(error: unknown): void
}

interface Entry {
  readonly settlement: Settlement
  readonly account: SettlementAccount
}

/** Settles for all channels of one connection. */
export class Settler {
  readonly #session: StoreSession
  #pending: Entry[] = []
  readonly #inFlight = new Set<Promise<void>>()
  #failure: unknown

  constructor(session: StoreSession) {
    this.#session = session
  }

  add(settlement: Settlement, account: SettlementAccount): void {
    if (this.#pending.length === 0) process.nextTick(() => this.flush())
    this.#pending.push({ settlement, account })
  }

  /** Sends what is pending now, so that it travels with the next command. */
  flush(): void {
    if (this.#pending.length === 0) return
    const entries = this.#pending
    this.#pending = []
    const sent = this.#session.settle(entries.map(({ settlement }) => settlement)).then(
      (held) => countLate(entries, held),
      (error: unknown) => this.#fail(entries, error),
    )
    this.#inFlight.add(sent)
    void sent.finally(() => this.#inFlight.delete(sent))
  }

  /** Resolves when the store has answered everything settled so far, well or not. */
  async answered(): Promise<void> {
    this.flush()
    await Promise.all(this.#inFlight)
  }

  /** As `answered`. @throws what the store answered to any channel, once. */
  async settled(): Promise<void> {
    await this.answered()
    const failure = this.#failure
    this.#failure = undefined
    if (failure !== undefined) throw failure
  }

  #fail(entries: readonly Entry[], error: unknown): void {
    this.#failure = error
    for (const { account } of entries) account.countFailure(error)
  }
}

function countLate(entries: readonly Entry[], held: readonly boolean[]): void {
  for (const [index, { account }] of entries.entries()) if (!held[index]) account.countLate()
}
