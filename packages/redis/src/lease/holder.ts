import { randomUUID } from 'node:crypto'
import { operationError } from '../errors.ts'
import {
  endHoldersScript,
  registerHolderScript,
  renewHoldersScript,
} from '../store/scripts/hold.ts'
import type { Wire } from '../store/wire.ts'

/** How long the thread that renews may take to start, on a busy machine. */
const startMs = 5_000

/**
 * One session as the owner of what it takes. Its tokens are `<id>:<number>`.
 *
 * Registered at its first lease, so that whoever only publishes costs Redis nothing.
 */
export class Holder {
  /** Recognisable among the delivery tags of Kombu peers. */
  readonly id: string = `dashi-${randomUUID()}`
  readonly #wire: Wire
  readonly #onRegistered: () => void
  #registering: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #number = 0

  constructor(wire: Wire, onRegistered: () => void) {
    this.#wire = wire
    this.#onRegistered = onRegistered
  }

  get isRegistered(): boolean {
    return this.#registering !== undefined
  }

  /** Begins the lease, the first time. Its first term is 5 s at least, until the thread has started. */
  register(): Promise<void> {
    this.#registering ??= this.#register()
    return this.#registering
  }

  /** Reserves consecutive numbers. @returns the first. */
  nextNumbers(count: number): number {
    const first = this.#number
    this.#number += count
    return first
  }

  /**
   * With 22 digits, so that Redis sorts the tokens of one moment by age, and because that makes 65 bytes:
   * a sorted set with members of up to 64 is a list to Redis, searched from its start at every addition,
   * until it has more than 128 of them. It halves the cost of a take.
   */
  token(number: number): string {
    return `${this.id}:${String(number).padStart(22, '0')}`
  }

  /** Somebody else renews it from now on, or nobody has to. */
  handOver(): void {
    clearInterval(this.#timer)
  }

  /** Ends the lease, so that whatever is still held is given back by the next sweep. */
  async end(): Promise<void> {
    const { client, keys } = this.#wire
    await client.run(endHoldersScript, [keys.holders], [this.id])
  }

  /** Says goodbye, when nothing is held. */
  async leave(): Promise<void> {
    const { client, keys } = this.#wire
    await client.send(['ZREM', keys.holders, this.id])
  }

  async #register(): Promise<void> {
    const { client, keys, settings } = this.#wire
    const leaseMs = Math.max(settings.leaseMs, startMs)
    try {
      await client.run(registerHolderScript, [keys.holders], [this.id, String(leaseMs)])
    } catch (error) {
      this.#registering = undefined
      throw operationError(error, 'begin a lease')
    }
    this.#timer = setInterval(() => this.#renew(), settings.leaseMs / 3).unref()
    this.#onRegistered()
  }

  /** Until the thread has started, which a busy machine can make take longer than a short lease. */
  #renew(): void {
    const { client, keys, settings } = this.#wire
    const args = [String(settings.leaseMs), this.id]
    client.run(renewHoldersScript, [keys.holders], args).catch(() => {
      // The thread tries on its own connection, and says when it is too late.
      this.handOver()
    })
  }
}
