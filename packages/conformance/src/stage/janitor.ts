/** Removes what cases left in the broker. */
import { Connection } from '@dashi/messaging'
import type { TransportSetup } from '../setup.ts'

/** What a case made. */
export interface Leftovers {
  readonly queues: Iterable<string>
  readonly exchanges: Iterable<string>
}

/** One connection for all cases, so that cleaning costs little. */
export class Janitor implements AsyncDisposable {
  readonly #setup: TransportSetup
  #connection: Connection | undefined

  constructor(setup: TransportSetup) {
    this.#setup = setup
  }

  async clean({ queues, exchanges }: Leftovers): Promise<void> {
    this.#connection ??= new Connection(this.#setup.create())
    const channel = this.#connection.defaultChannel
    for (const queue of queues) await channel.deleteQueue(queue)
    for (const exchange of exchanges) await channel.deleteExchange(exchange)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection?.close()
    this.#connection = undefined
  }
}
