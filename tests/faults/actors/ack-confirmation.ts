/** Finds out which acknowledgements the broker knows of. */
import type { Message } from '@dashi/messaging'

interface SentAck {
  readonly message: Message
  readonly id: string
  readonly serial: number
}

/** Asks in batches, one after the other: an answer is about everything settled before the question. */
export class AckConfirmation {
  readonly #onKnown: (id: string, serial: number) => void
  #sent: SentAck[] = []
  #running: Promise<void> | undefined

  /** @param onKnown Told of each acknowledgement that counts. */
  constructor(onKnown: (id: string, serial: number) => void) {
    this.#onKnown = onKnown
  }

  add(message: Message, id: string, serial: number): void {
    this.#sent.push({ message, id, serial })
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
    })
  }

  /** Resolves when all are known, or known not to count. */
  async done(): Promise<void> {
    await this.#running
  }

  async #run(): Promise<void> {
    while (this.#sent.length > 0) {
      const batch = this.#sent
      this.#sent = []
      // Messages of one connection share a signal; each connection answers for its own.
      for (const acks of Map.groupBy(batch, ({ message }) => message.signal).values()) {
        await this.#confirm(acks)
      }
    }
  }

  async #confirm(acks: readonly SentAck[]): Promise<void> {
    const [first] = acks
    try {
      await first?.message.settled()
    } catch {
      // Too late, or the connection went: any of them may be delivered again.
      return
    }
    for (const { id, serial } of acks) this.#onKnown(id, serial)
  }
}
