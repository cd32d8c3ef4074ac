import type { Reservation } from './reservation.ts'

/** Longest delay that a timer takes; longer ones are looked at again. */
const longestTimerMs = 2 ** 31 - 1

/** Tasks whose time has not come, first one first. One timer for all. */
export class EtaHold {
  readonly #onDue: (reservation: Reservation) => void
  readonly #onCount: (count: number) => void
  readonly #held: { readonly atMs: number; readonly reservation: Reservation }[] = []
  #timer: NodeJS.Timeout | undefined

  /** @param onCount Told how many are held, each time that changes. */
  constructor(
    onDue: (reservation: Reservation) => void,
    onCount: (count: number) => void = () => undefined,
  ) {
    this.#onDue = onDue
    this.#onCount = onCount
  }

  get count(): number {
    return this.#held.length
  }

  /** Holds it until its `eta`. */
  add(reservation: Reservation, atMs: number): void {
    const index = this.#held.findLastIndex((one) => one.atMs <= atMs)
    this.#held.splice(index + 1, 0, { atMs, reservation })
    if (index < 0) this.#arm()
    this.#onCount(this.#held.length)
  }

  /** Empties it. @returns what was held. */
  clear(): readonly Reservation[] {
    clearTimeout(this.#timer)
    return this.#held.splice(0).map(({ reservation }) => reservation)
  }

  #arm(): void {
    clearTimeout(this.#timer)
    const [first] = this.#held
    if (first === undefined) return
    const pauseMs = Math.min(Math.max(0, first.atMs - Date.now()), longestTimerMs)
    this.#timer = setTimeout(() => this.#release(), pauseMs)
  }

  #release(): void {
    const now = Date.now()
    while (this.#held[0] !== undefined && this.#held[0].atMs <= now) {
      const due = this.#held.shift()
      if (due) this.#onDue(due.reservation)
    }
    this.#onCount(this.#held.length)
    this.#arm()
  }
}
