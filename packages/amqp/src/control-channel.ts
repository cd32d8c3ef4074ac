/** The channel on which a connection declares, deletes and asks: one question at a time, and a new one after a refusal. */

import type { Client } from './client/client.ts'
import type { ClientChannel } from './client/client-channel.ts'

/**
 * A refusal closes an AMQP channel with all that it consumes. On a channel of their own declarations can be refused
 * without taking anything else with them.
 */
export class ControlChannel {
  readonly #client: Client
  #channel: ClientChannel | undefined
  #latest: Promise<unknown> = Promise.resolve()

  constructor(client: Client) {
    this.#client = client
  }

  /** Asks when the question before is answered. */
  ask<T>(question: (channel: ClientChannel) => Promise<T>): Promise<T> {
    const answer = this.#latest.then(async () => await question(await this.#open()))
    // Its failure is told to whoever asked.
    this.#latest = answer.catch(() => undefined)
    return answer
  }

  async #open(): Promise<ClientChannel> {
    if (this.#channel?.isOver !== false) this.#channel = await this.#client.openChannel(false)
    return this.#channel
  }
}
