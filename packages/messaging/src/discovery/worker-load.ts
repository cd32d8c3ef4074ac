/** Whose turn it is. */
import type { DiscoveredWorker } from './worker-table.ts'

/** Counts what is under way at whom, and picks the least busy; of equals the one that has waited longest. */
export class WorkerLoad {
  readonly #pending = new Map<string, number>()
  readonly #lastTurn = new Map<string, number>()
  #turn = 0

  /** @returns `undefined` of none. */
  choose(workers: readonly DiscoveredWorker[]): DiscoveredWorker | undefined {
    let best: DiscoveredWorker | undefined
    for (const worker of workers) if (!best || this.#isFreer(worker, best)) best = worker
    return best
  }

  /** Requests under way at a worker. */
  of(workerId: string): number {
    return this.#pending.get(workerId) ?? 0
  }

  begin(workerId: string): void {
    this.#turn += 1
    this.#lastTurn.set(workerId, this.#turn)
    this.#pending.set(workerId, this.of(workerId) + 1)
  }

  end(workerId: string): void {
    const rest = this.of(workerId) - 1
    if (rest > 0) this.#pending.set(workerId, rest)
    else this.#pending.delete(workerId)
  }

  /** A worker that is gone takes no turns. */
  forget(workerId: string): void {
    this.#lastTurn.delete(workerId)
  }

  #isFreer(a: DiscoveredWorker, b: DiscoveredWorker): boolean {
    const difference = this.of(a.id) - this.of(b.id)
    if (difference !== 0) return difference < 0
    return (this.#lastTurn.get(a.id) ?? 0) < (this.#lastTurn.get(b.id) ?? 0)
  }
}
