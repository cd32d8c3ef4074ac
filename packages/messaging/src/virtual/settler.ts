/** Gathers settlements of one turn and tells the store about them in one go. */
import type { Settlement, StoreSession } from './queue-store.ts'

/** Told which settlements went wrong: one per channel. */
export interface SettlementAccount {
  /** @param error Absent: it came too late, the lease was gone. Otherwise nobody knows what became of it. */
  wentWrong(number: number, error: unknown): void
}

/** Whose settlement it is, and how its owner calls it. */
export interface SettlementOrigin {
  readonly account: SettlementAccount
  readonly number: number
}

interface Entry extends SettlementOrigin {
  readonly settlement: Settlement
}

/** Settles for all channels of one connection. */
export class Settler {
  readonly #session: Pick<StoreSession, 'settle'>
  #pending: Entry[] = []
  readonly #inFlight = new Set<Promise<void>>()
  #failure: unknown

  constructor(session: Pick<StoreSession, 'settle'>) {
    this.#session = session
  }

  add(settlement: Settlement, { account, number }: SettlementOrigin): void {
    if (this.#pending.length === 0) process.nextTick(() => this.flush())
    this.#pending.push({ settlement, account, number })
  }

  /** Sends what is pending now, so that it travels with the next command. */
  flush(): void {
    if (this.#pending.length === 0) return
    const entries = this.#pending
    this.#pending = []
    const sent = this.#session.settle(entries.map(({ settlement }) => settlement)).then(
      (held) => reportLate(entries, held),
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
    for (const { account, number } of entries) account.wentWrong(number, error)
  }
}

function reportLate(entries: readonly Entry[], held: readonly boolean[]): void {
  for (const [index, { account, number }] of entries.entries()) {
    if (!held[index]) account.wentWrong(number, undefined)
  }
}
