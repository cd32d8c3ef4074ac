/** Which settlements the broker is known to have had, and which came too late. */

/** The account of one channel. */
export class SettlementAccount {
  #writtenCount = 0
  #arrivedCount = 0
  #lateCount = 0
  #toldLateCount = 0

  /** Whether there are settlements of which nobody knows that the broker had them. */
  get isWaiting(): boolean {
    return this.#arrivedCount < this.#writtenCount
  }

  countWritten(): void {
    this.#writtenCount += 1
  }

  countLate(): void {
    this.#lateCount += 1
  }

  /**
   * Those who ask at the same time are told the same.
   *
   * @param roundTrip resolves when the broker has had what was written; throws when nobody can know.
   * @returns how many came too late since somebody was told.
   */
  async settled(roundTrip: () => Promise<void>): Promise<number> {
    const written = this.#writtenCount
    const late = this.#lateCount
    const told = this.#toldLateCount
    await roundTrip()
    this.#arrivedCount = Math.max(this.#arrivedCount, written)
    this.#toldLateCount = Math.max(this.#toldLateCount, late)
    return late - told
  }
}
