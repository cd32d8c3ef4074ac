/** What became of one channel's settlements. */
import type { Settlement } from './queue-store.ts'
import type { SettlementAccount, Settler } from './settler.ts'

/**
 * Counts for one channel. The counts only grow: whoever asks learns what happened since somebody last had an answer,
 * and those who ask at the same time learn the same.
 */
export class ChannelSettlements implements SettlementAccount {
  readonly #settler: Settler
  #lateCount = 0
  #failureCount = 0
  #failure: unknown
  #toldLateCount = 0
  #toldFailureCount = 0

  constructor(settler: Settler) {
    this.#settler = settler
  }

  add(settlement: Settlement): void {
    this.#settler.add(settlement, this)
  }

  flush(): void {
    this.#settler.flush()
  }

  countLate(): void {
    this.#lateCount += 1
  }

  countFailure(error: unknown): void {
    this.#failureCount += 1
    this.#failure = error
  }

  /**
   * Resolves when the store has answered everything that this channel settled so far.
   *
   * @returns how many came too late since the last answer.
   * @throws what the store answered, or that its connection was lost.
   */
  async settled(): Promise<number> {
    const toldLateCount = this.#toldLateCount
    const toldFailureCount = this.#toldFailureCount
    await this.#settler.answered()
    this.#toldLateCount = this.#lateCount
    this.#toldFailureCount = this.#failureCount
    if (this.#failureCount > toldFailureCount) throw this.#failure
    return this.#lateCount - toldLateCount
  }
}
