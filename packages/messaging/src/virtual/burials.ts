/** Messages that their queue gives up: the dead letter is stored before the original goes. */
import type { QueueDeclaration } from '../entity/declaration.ts'
import type { OutgoingMessage } from '../message/envelope.ts'
import type { ChannelSettlements } from './channel-settlements.ts'
import { type DeathReason, deadLetter } from './dead-letter.ts'
import type { VirtualMessage } from './envelope-message.ts'
import type { Lease, Settlement } from './queue-store.ts'

/** How long a message stays out of its queue when its letter is refused: a storm helps nobody. */
const refusalPauseMs = 1_000

/** What burying needs of the channel. */
export interface BurialParts {
  readonly settlements: ChannelSettlements
  publish(letter: OutgoingMessage): Promise<void>
  /** Puts a message back that was taken without a lease. */
  putAgain(lease: Lease, priority: number): Promise<void>
  report(error: unknown): void
  /** There is credit again. */
  onDone(): void
}

/** A message to be given up. */
export interface Burial {
  readonly lease: Lease
  readonly message: VirtualMessage
  readonly reason: DeathReason
  readonly queue: QueueDeclaration | undefined
}

/** The burials of one channel that are under way. */
export class Burials {
  readonly #parts: BurialParts
  readonly #underWay = new Set<Promise<void>>()
  readonly #closing = Promise.withResolvers<void>()

  constructor(parts: BurialParts) {
    this.#parts = parts
  }

  /** How many messages are neither in their queue nor dead. */
  get count(): number {
    return this.#underWay.size
  }

  bury(burial: Burial): void {
    const { lease, message, reason, queue } = burial
    const letter = deadLetter(message, queue, reason)
    if (letter) this.#follow(this.#send(letter, burial))
    else this.#end(lease)
  }

  #follow(done: Promise<void>): void {
    this.#underWay.add(done)
    void done.then(() => {
      this.#underWay.delete(done)
      this.#parts.onDone()
    })
  }

  /** Resolves when what is under way now is over. */
  async done(): Promise<void> {
    await Promise.all(this.#underWay)
  }

  /** Ends pauses: the channel closes. */
  hurry(): void {
    this.#closing.resolve()
  }

  async #send(letter: OutgoingMessage, burial: Burial): Promise<void> {
    try {
      await this.#parts.publish(letter)
    } catch (error) {
      this.#parts.report(error)
      await this.#refused(burial)
      return
    }
    this.#end(burial.lease)
  }

  /** No place for the letter now: the message goes back to its queue, to be given up again later. */
  async #refused({ lease, message }: Burial): Promise<void> {
    await this.#pause()
    const priority = message.properties.priority ?? 0
    if (lease.token === '') await this.#parts.putAgain(lease, priority)
    else this.#parts.settlements.add({ ...lease, outcome: 'requeue', priority })
  }

  async #pause(): Promise<void> {
    const over = Promise.withResolvers<void>()
    const timer = setTimeout(over.resolve, refusalPauseMs)
    await Promise.race([over.promise, this.#closing.promise])
    clearTimeout(timer)
  }

  #end({ token, queue }: Lease): void {
    if (token === '') return
    const settlement: Settlement = { outcome: 'done', token, queue }
    this.#parts.settlements.add(settlement)
  }
}
