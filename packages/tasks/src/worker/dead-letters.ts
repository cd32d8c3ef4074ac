import { type Channel, type Connection, type Message, quarantine } from '@dashi/messaging'

/**
 * Where messages go that cannot be done: the connection's quarantine queue (`dashi.quarantine`), with reason and original bytes.
 * `dashi queues` lists and redrives them.
 */
export class DeadLetters {
  readonly #connection: Connection
  readonly #channel: Channel

  constructor(connection: Connection) {
    this.#connection = connection
    this.#channel = connection.channel()
  }

  /** Resolves when it is there and its message settled. A broker that refuses gets the message back, to be tried again. */
  add(message: Message, reason: unknown): Promise<void> {
    return quarantine(message, reason, { connection: this.#connection, channel: this.#channel })
  }
}
