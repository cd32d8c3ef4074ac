import type { JobOutcome, JobReports, Pool } from '../pool/pool.ts'
import { asTask } from '../task/current-task.ts'
import { type JobPlace, jobOf } from './job-of.ts'
import type { Reservation } from './reservation.ts'

/** What slots tell the worker. */
export interface SlotsOwner extends JobPlace {
  reportsOf(reservation: Reservation): JobReports
  /** Last look before it runs. @returns false if it must not, and was dealt with. */
  mayRun(reservation: Reservation): boolean
  /** @param startedAt `performance.now()` at its start. */
  onOutcome(reservation: Reservation, outcome: JobOutcome, startedAt: number): void
}

/** Gives reservations to the pool, as many at a time as it has slots; the rest waits in order. */
export class Slots {
  readonly #pool: Pool
  readonly #owner: SlotsOwner
  readonly #running = new Set<Reservation>()
  #waiting: Reservation[] = []
  #next = 0
  #isFilling = false
  #isClosed = false

  constructor(pool: Pool, owner: SlotsOwner) {
    this.#pool = pool
    this.#owner = owner
  }

  get runningCount(): number {
    return this.#running.size
  }

  get waitingCount(): number {
    return this.#waiting.length - this.#next
  }

  submit(reservation: Reservation): void {
    this.#waiting.push(reservation)
    this.fill()
  }

  /** Starts what fits. Called when a slot is free, or when there are more. */
  fill(): void {
    // A task that ends at once comes back here: one loop instead of a recursion as deep as the queue.
    if (this.#isFilling) return
    this.#isFilling = true
    while (!this.#isClosed && this.#pool.runningCount < this.#pool.size) {
      const reservation = this.#waiting[this.#next]
      if (reservation === undefined) break
      this.#next += 1
      if (this.#next === this.#waiting.length) this.#compact()
      this.#run(reservation)
    }
    this.#isFilling = false
  }

  /** Starts nothing any more. @returns what was waiting. */
  close(): readonly Reservation[] {
    this.#isClosed = true
    const waiting = this.#waiting.slice(this.#next)
    this.#compact()
    return waiting
  }

  #compact(): void {
    this.#waiting = []
    this.#next = 0
  }

  #run(reservation: Reservation): void {
    if (!this.#owner.mayRun(reservation)) return
    this.#running.add(reservation)
    const startedAt = performance.now()
    const job = jobOf(reservation, this.#owner)
    const reports = this.#owner.reportsOf(reservation)
    const { id, rootId } = reservation.request
    const onChild = (tuple: unknown) => reports.onChild(tuple)
    const outcome = asTask({ id, rootId, onChild }, () => this.#pool.run(job, reports))
    if (outcome instanceof Promise) {
      void outcome.then((ended) => this.#end(reservation, ended, startedAt))
    } else {
      this.#end(reservation, outcome, startedAt)
    }
  }

  #end(reservation: Reservation, outcome: JobOutcome, startedAt: number): void {
    this.#running.delete(reservation)
    this.#owner.onOutcome(reservation, outcome, startedAt)
    this.fill()
  }
}
