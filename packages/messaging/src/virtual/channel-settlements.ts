/** What became of one channel's settlements. */
import type { Lease, Settlement } from './queue-store.ts'
import type { SettlementAccount, Settler } from './settler.ts'

/** Consecutive settlements that went wrong in the same way. */
interface Trouble {
  readonly first: number
  last: number
  /** Absent: they came too late. */
  readonly error: unknown
}

/**
 * Numbers what a channel settles, so that whoever asks is told about what was settled before the question and that
 * nobody had an answer about; those who ask at the same time are told the same.
 */
export class ChannelSettlements implements SettlementAccount {
  readonly #settler: Settler
  readonly #troubles: Trouble[] = []
  #lastNumber = 0
  /** Somebody had an answer about everything up to here. */
  #toldNumber = 0
  #askingCount = 0

  constructor(settler: Settler) {
    this.#settler = settler
  }

  add(settlement: Settlement): void {
    this.#lastNumber += 1
    this.#settler.add(settlement, { account: this, number: this.#lastNumber })
  }

  /** Ends what goes with its queue: whoever settles it later is not told that it is too late. */
  discard({ token, queue }: Lease): void {
    this.#settler.add({ outcome: 'done', token, queue }, { account: nobody, number: 0 })
  }

  /** Somebody settled what was given back before. */
  countLate(): void {
    this.#lastNumber += 1
    this.wentWrong(this.#lastNumber, undefined)
  }

  flush(): void {
    this.#settler.flush()
  }

  wentWrong(number: number, error: unknown): void {
    const latest = this.#troubles.at(-1)
    if (latest?.last === number - 1 && latest.error === error) latest.last = number
    else this.#troubles.push({ first: number, last: number, error })
  }

  /**
   * Resolves when the store has answered everything that this channel settled so far.
   *
   * @returns how many came too late.
   * @throws what the store answered, or that its connection was lost.
   */
  async settled(): Promise<number> {
    if (this.#askingCount === 0) this.#forgetTold()
    const from = this.#toldNumber
    const to = this.#lastNumber
    this.#askingCount += 1
    await this.#settler.answered()
    this.#askingCount -= 1
    this.#toldNumber = Math.max(this.#toldNumber, to)
    return lateCount(this.#troubles, from, to)
  }

  #forgetTold(): void {
    const untold = this.#troubles.filter(({ last }) => last > this.#toldNumber)
    this.#troubles.splice(0, this.#troubles.length, ...untold)
  }
}

const nobody: SettlementAccount = { wentWrong: () => undefined }

/** @throws the first error among the settlements after `from` up to `to`. */
function lateCount(troubles: readonly Trouble[], from: number, to: number): number {
  let count = 0
  for (const { first, last, error } of troubles) {
    const affected = Math.min(last, to) - Math.max(first, from + 1) + 1
    if (affected <= 0) continue
    if (error !== undefined) throw error
    count += affected
  }
  return count
}
