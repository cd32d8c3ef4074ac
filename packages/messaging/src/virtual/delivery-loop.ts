/**
 * Takes messages for the consumers of one channel while there is credit, and waits when there is nothing.
 *
 * One loop per channel. It holds at most one `take` and one `wait` at the store.
 */
import { ConnectionError, MessagingError } from '../errors.ts'
import type { Lease, StoreSession } from './queue-store.ts'

/** What the loop asks its channel. */
export interface DeliverySource {
  /** Messages that may still go out: 0 pauses. */
  credit(): number
  /** Queues to take from: to lease, to remove at once, and whether broadcasts wait. */
  queues(): { readonly leased: readonly string[]; readonly removed: readonly string[] }
  /** Hands out broadcasts that wait in this process. @returns how many. */
  deliverBroadcasts(limit: number): number
  deliver(leases: readonly Lease[]): void
  /** Gives back what was taken while the channel closed. */
  giveBack(leases: readonly Lease[]): void
}

/** What the loop tells its channel. */
export interface LoopReports {
  /** The store's connection ended. The loop has stopped. */
  onEnd(error: ConnectionError): void
  /** The store refused; the loop goes on. */
  onRefusal(error: unknown): void
}

/** The loop. `start` once, `wake` or `replenish` whenever something changed, `stop` once. */
export class DeliveryLoop {
  readonly #session: StoreSession
  readonly #source: DeliverySource
  readonly #reports: LoopReports
  #failures = 0
  #changed = Promise.withResolvers<void>()
  #isChanged = false
  #waiting: AbortController | undefined
  readonly #stopping = Promise.withResolvers<void>()
  #stopped = false
  #done: Promise<void> | undefined

  constructor(session: StoreSession, source: DeliverySource, reports: LoopReports) {
    this.#session = session
    this.#source = source
    this.#reports = reports
  }

  /** Starts at the first consumer. */
  start(): void {
    this.#done ??= this.#run()
  }

  /** Something may be deliverable that was not before. */
  wake(): void {
    this.#isChanged = true
    this.#changed.resolve()
    this.#waiting?.abort()
  }

  /** There is credit again. A loop that waits at the store had credit all along. */
  replenish(): void {
    if (!this.#waiting) this.#changed.resolve()
  }

  /** Resolves when nothing more will be delivered. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#stopping.resolve()
    this.wake()
    await this.#done
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      try {
        await this.#runOnce()
        this.#failures = 0
      } catch (error) {
        if (this.#stopped) return
        if (error instanceof ConnectionError) return this.#reports.onEnd(error)
        await this.#refused(error)
      }
    }
  }

  /** A broker that refuses (out of memory, read-only) is asked again, ever less often: it may recover. */
  async #refused(error: unknown): Promise<void> {
    this.#failures += 1
    this.#reports.onRefusal(error)
    const pause = Promise.withResolvers<void>()
    const timer = setTimeout(pause.resolve, Math.min(1000, 50 * 2 ** this.#failures))
    await Promise.race([pause.promise, this.#stopping.promise])
    clearTimeout(timer)
  }

  async #runOnce(): Promise<void> {
    this.#changed = Promise.withResolvers()
    this.#isChanged = false
    const limit = this.#source.credit()
    const { leased, removed } = this.#source.queues()
    if (limit > 0) {
      const delivered = this.#source.deliverBroadcasts(limit)
      const taken =
        (await this.#take(leased, limit - delivered, false)) +
        (await this.#take(removed, limit - delivered, true))
      if (delivered + taken > 0) return
    }
    await this.#wait(limit > 0 ? [...leased, ...removed] : [])
  }

  async #take(queues: readonly string[], limit: number, noAck: boolean): Promise<number> {
    if (queues.length === 0 || limit <= 0 || this.#stopped) return 0
    const leases = await this.#session.take({ queues, limit, noAck })
    if (leases.length === 0) return 0
    if (this.#stopped) this.#source.giveBack(leases)
    else this.#source.deliver(leases)
    return leases.length
  }

  async #wait(queues: readonly string[]): Promise<void> {
    // What changed during the take (a new consumer, a broadcast) is looked at before waiting for anything else.
    if (this.#stopped || this.#isChanged) return
    if (queues.length === 0) return await this.#changed.promise
    const waiting = new AbortController()
    this.#waiting = waiting
    try {
      await this.#session.wait(queues, waiting.signal)
    } catch (error) {
      if (!waiting.signal.aborted || MessagingError.is(error)) throw error
    } finally {
      this.#waiting = undefined
      waiting.abort()
    }
  }
}
