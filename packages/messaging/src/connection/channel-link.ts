/** A channel during one epoch: the transport's channel, and the signal that its deliveries are still ours. */
import { LeaseLostError } from '../errors.ts'
import type { MessageSource } from '../message/message.ts'
import type { OperationOptions } from '../operation-options.ts'
import type { TransportChannel } from '../transport/transport.ts'

/** Ends with its epoch. Settling afterwards is a counted no-op. */
export class ChannelLink implements MessageSource {
  readonly channel: TransportChannel
  readonly #onStale: () => void
  readonly #lost = new AbortController()
  #isOver = false
  #staleCount = 0
  #toldStaleCount = 0

  constructor(channel: TransportChannel, onStale: () => void) {
    this.channel = channel
    this.#onStale = onStale
  }

  /** True once its epoch has ended. */
  get isOver(): boolean {
    return this.#isOver
  }

  get signal(): AbortSignal {
    return this.#lost.signal
  }

  settle(
    handle: number,
    outcome: 'ack' | 'reject' | 'requeue',
    options: { readonly multiple: boolean },
  ): void {
    if (this.#isOver) {
      this.#staleCount += 1
      this.#onStale()
    } else {
      this.channel.settle(handle, outcome, options)
    }
  }

  async settled(options: OperationOptions = {}): Promise<void> {
    const told = this.#toldStaleCount
    const stale = this.#staleCount
    // Asked also when it is over: what was on its way at that moment may have got lost.
    const late = await this.channel.settled(options)
    this.#toldStaleCount = Math.max(this.#toldStaleCount, stale)
    if (stale - told + late > 0) throw leaseLost(stale - told + late)
  }

  /** The epoch is over: whoever works on its messages should stop. */
  end(reason: Error): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#lost.abort(
      new LeaseLostError(`The connection that delivered this message ended: ${reason.message}`, {
        cause: reason,
      }),
    )
  }
}

function leaseLost(count: number): LeaseLostError {
  return new LeaseLostError(
    `${count} settlement${count === 1 ? '' : 's'} came too late: the broker had given the message to somebody else ` +
      'after this connection was lost. The work may be done twice; make it idempotent',
  )
}
