/** Removes what workers that were killed left in brokers that keep queues for ever. */
import type { SupervisedConnection } from '../connection/supervised-connection.ts'
import { ChannelError } from '../errors.ts'
import { requestQueue } from './discovery-entities.ts'
import type { DiscoveredWorker } from './worker-table.ts'

/** Remembers the dead for as long as brokers with `x-expires` keep their queues. */
export class AbandonedQueues {
  readonly #connection: SupervisedConnection
  readonly #exchangeName: string
  readonly #afterMs: number
  readonly #diedAtMs = new Map<string, number>()

  constructor(connection: SupervisedConnection, exchangeName: string, afterMs: number) {
    this.#connection = connection
    this.#exchangeName = exchangeName
    this.#afterMs = afterMs
  }

  /** A worker was not heard of any more. */
  died(worker: DiscoveredWorker, nowMs: number): void {
    if (worker.takesRequests) this.#diedAtMs.set(worker.id, nowMs)
  }

  /** It lives after all: it declares its queue with every heartbeat. */
  heard(workerId: string): void {
    this.#diedAtMs.delete(workerId)
  }

  sweep(nowMs: number): void {
    for (const [id, diedAtMs] of this.#diedAtMs) {
      if (nowMs - diedAtMs < this.#afterMs) return
      this.#diedAtMs.delete(id)
      this.#remove(id).catch((error: unknown) => this.#connection.warn(error))
    }
  }

  /** On a channel of its own: brokers close the channel of whoever names a queue that is gone. */
  async #remove(workerId: string): Promise<void> {
    await using channel = this.#connection.channel()
    const queue = requestQueue(this.#exchangeName, workerId)
    try {
      for (const binding of queue.bindings) await binding.unbind(channel, queue)
      await queue.delete(channel)
    } catch (error) {
      if (!(error instanceof ChannelError) || error.code !== 'NOT_FOUND') throw error
    }
  }
}
