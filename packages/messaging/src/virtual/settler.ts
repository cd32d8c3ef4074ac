/** Gathers settlements of one turn and tells the store about them in one go, until the store has heard. */
import { ConnectionError, LeaseLostError } from '../errors.ts'
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

/** What a settler needs besides its session. */
export interface SettlerOptions {
  /** Told that the store has refused, and will be asked again. */
  readonly onRefused?: (error: unknown) => void
  /** Default 1000. */
  readonly retryAfterMs?: number
}

/**
 * Settles for all channels of one connection.
 *
 * What a living store refuses (disk full, lock not to be had) is settled again later: the message would otherwise stay with
 * this connection, neither done nor delivered again, for as long as that lives. Twice does no harm, leases have tokens.
 */
export class Settler {
  readonly #session: Pick<StoreSession, 'settle'>
  readonly #options: SettlerOptions
  #refused: Entry[] = []
  #retry: NodeJS.Timeout | undefined
  #isOver = false
  #pending: Entry[] = []
  readonly #inFlight = new Set<Promise<void>>()
  #failure: unknown

  constructor(session: Pick<StoreSession, 'settle'>, options: SettlerOptions = {}) {
    this.#session = session
    this.#options = options
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
    if (this.#isOver || error instanceof ConnectionError || error instanceof LeaseLostError) return
    this.#options.onRefused?.(error)
    this.#refused.push(...entries.map(({ settlement }) => ({ settlement, ...toldAlready })))
    this.#retry ??= setTimeout(() => this.#again(), this.#options.retryAfterMs ?? 1_000).unref()
  }

  /** The session has ended: nothing can be settled any more. */
  stop(): void {
    this.#isOver = true
    this.#refused = []
    clearTimeout(this.#retry)
  }

  #again(): void {
    this.#retry = undefined
    this.#pending.push(...this.#refused)
    this.#refused = []
    this.flush()
  }
}

/** Its owner knows that it went wrong, and nothing that comes later makes that better. */
const toldAlready: SettlementOrigin = { account: { wentWrong: () => undefined }, number: 0 }

function reportLate(entries: readonly Entry[], held: readonly boolean[]): void {
  for (const [index, { account, number }] of entries.entries()) {
    if (!held[index]) account.wentWrong(number, undefined)
  }
}
