/** Publishes for one channel: many messages in flight, confirmed in batches, one timer for all. */
import {
  ConnectionError,
  type MessagingError,
  type OutgoingMessage,
} from '@dashi/messaging/transport'
import type { ClientChannel } from '../client/client-channel.ts'
import type { Confirm, FrameReceiver } from '../client/frame-intake.ts'
import type { Content } from '../wire/content.ts'
import { writePublish } from '../wire/frames.ts'
import { ConfirmWindow } from './confirm-window.ts'
import { blamed } from './culprit.ts'
import type { Pending } from './pending.ts'
import { PendingQueue } from './pending-queue.ts'
import * as errors from './publish-errors.ts'
import { readReturn } from './returned.ts'

/** What a publisher needs of its connection. */
export interface PublisherParts {
  /** A channel in confirm mode where `confirms` says so. Opens the connection for publishing if need be. */
  openChannel(): Promise<ClientChannel>
  readonly confirms: boolean
  readonly maxUnconfirmed: number
  readonly maxPayloadBytes: number
  readonly publishTimeoutMs: number
  readonly onConfirmed: ((count: number) => void) | undefined
  report(notice: MessagingError): void
}

/** See `TransportChannel.publish`. */
export class Publisher implements FrameReceiver {
  readonly #parts: PublisherParts
  /** Waiting to be written. */
  readonly #held = new PendingQueue()
  #window = new ConfirmWindow()
  #channel: ClientChannel | undefined
  #opening: Promise<void> | undefined
  #stopListening: (() => void) | undefined
  #timer: NodeJS.Timeout | undefined
  #end: MessagingError | undefined
  #unsettledCount = 0
  #idle: PromiseWithResolvers<void> | undefined

  constructor(parts: PublisherParts) {
    this.#parts = parts
  }

  publish(message: OutgoingMessage): Promise<void> {
    const { maxPayloadBytes: limit } = this.#parts
    const size = message.body.length
    if (size > limit) return Promise.reject(errors.tooLarge(message, { size, limit }))
    if (this.#end) return Promise.reject(errors.notSent(message, this.#end))
    return new Promise((resolve, reject) => {
      const deadlineAt = performance.now() + this.#parts.publishTimeoutMs
      const pending = { message, deadlineAt, resolve, reject, isReturned: false, isSettled: false }
      this.#unsettledCount += 1
      this.#timer ??= this.#startTimer(this.#parts.publishTimeoutMs)
      const channel = this.#held.size === 0 ? this.#writableChannel() : undefined
      if (channel) this.#write(pending, channel)
      else this.#hold(pending)
    })
  }

  /** Ends: what was written is unknown, what was not is lost. */
  close(error: MessagingError): void {
    if (this.#end) return
    this.#end = error
    clearTimeout(this.#timer)
    this.#stopListening?.()
    for (const pending of this.#window.takeAll())
      this.#fail(pending, errors.interrupted(pending.message, error))
    for (const pending of this.#held.takeAll())
      this.#fail(pending, errors.notSent(pending.message, error))
  }

  /** Waits until the broker has answered for everything, at most until the deadlines, then ends. */
  async finish(): Promise<void> {
    if (this.#unsettledCount > 0) {
      this.#idle = Promise.withResolvers()
      await this.#idle.promise
    }
    this.close(closed())
    await this.#channel?.close()
  }

  // --- out

  #writableChannel(): ClientChannel | undefined {
    const channel = this.#channel
    if (channel === undefined || channel.isOver || !channel.client.isWritable) return undefined
    return this.#window.size < this.#parts.maxUnconfirmed ? channel : undefined
  }

  #write(pending: Pending, channel: ClientChannel): void {
    const { writer, frameMax } = channel.client
    const out = writer.buffer
    const { mark } = out
    try {
      const size = writePublish(out, pending.message, { channel: channel.number, frameMax })
      const limit = this.#parts.maxPayloadBytes
      if (size > limit) throw errors.tooLarge(pending.message, { size, limit })
    } catch (error) {
      out.rewind(mark)
      this.#fail(pending, error)
      return
    }
    writer.schedule()
    if (this.#parts.confirms) this.#window.add(pending)
    else this.#taken(pending)
  }

  #hold(pending: Pending): void {
    this.#held.add(pending)
    this.#openIfNeeded()
  }

  /** Writes what waits, as far as possible. */
  #release(): void {
    for (;;) {
      const channel = this.#held.size > 0 ? this.#writableChannel() : undefined
      const pending = channel && this.#held.takeFirst()
      if (!channel || !pending) break
      if (!pending.isSettled) this.#write(pending, channel)
    }
    if (this.#held.size > 0) this.#openIfNeeded()
  }

  #openIfNeeded(): void {
    if (this.#channel?.isOver === false || this.#opening || this.#end) return
    this.#opening = this.#open().finally(() => {
      this.#opening = undefined
      if (this.#channel?.isOver) this.#release()
    })
  }

  async #open(): Promise<void> {
    try {
      const channel = await this.#parts.openChannel()
      if (this.#end) return await channel.close()
      this.#channel = channel
      this.#window = new ConfirmWindow()
      channel.receive(this)
      this.#stopListening?.()
      this.#stopListening = channel.client.onResume(() => this.#release())
      void channel.closed.then((error) => this.#channelEnded(channel, error))
      this.#release()
    } catch (error) {
      this.#failHeld(error)
    }
  }

  #failHeld(error: unknown): void {
    for (const pending of this.#held.takeAll()) this.#fail(pending, error)
  }

  // --- the broker's answers

  onConfirm(deliveryTag: number, confirm: Confirm): void {
    let count = 0
    for (const pending of this.#window.confirm(deliveryTag, confirm)) {
      if (pending.isReturned) this.#fail(pending, errors.unroutable(pending.message))
      else if (!confirm.isTaken) this.#fail(pending, errors.refused(pending.message))
      else count += this.#taken(pending)
    }
    if (count > 0) this.#parts.onConfirmed?.(count)
    if (this.#held.size > 0) this.#release()
  }

  #taken(pending: Pending): number {
    if (pending.isSettled) return 0
    this.#settled(pending)
    pending.resolve()
    return 1
  }

  #fail(pending: Pending, error: unknown): void {
    if (pending.isSettled) return
    this.#settled(pending)
    pending.reject(error)
  }

  #settled(pending: Pending): void {
    pending.isSettled = true
    this.#unsettledCount -= 1
    if (this.#unsettledCount === 0) this.#idle?.resolve()
  }

  onReturn(content: Content): void {
    const { returned, reason } = readReturn(content)
    if (this.#parts.confirms && this.#window.markReturned(returned)) return
    this.#parts.report(errors.returnedUnasked(returned, reason))
  }

  onDelivery(): void {
    // Nothing is consumed on this channel.
  }

  onGot(): void {
    // As above.
  }

  onRecovered(): void {
    // As above.
  }

  /** One bad message must not take its neighbours with it: those behind it are written again, on a new channel. */
  #channelEnded(channel: ClientChannel, error: MessagingError | undefined): void {
    if (this.#channel !== channel || this.#end) return
    const { rejected, unknown, untouched } = blamed(this.#window.takeAll(), error)
    const cause = error ?? closed()
    for (const pending of rejected) this.#fail(pending, errors.rejected(pending.message, cause))
    for (const pending of unknown) this.#fail(pending, errors.interrupted(pending.message, cause))
    this.#held.addFirst(untouched)
    this.#release()
  }

  // --- deadlines

  #startTimer(delayMs: number): NodeJS.Timeout {
    return setTimeout(() => this.#expire(), Math.max(1, delayMs)).unref()
  }

  /** The oldest come first, so that the search ends at the first that has time left. */
  #expire(): void {
    const now = performance.now()
    const { publishTimeoutMs } = this.#parts
    let index = 0
    let pending = this.#window.first
    while (pending && pending.deadlineAt <= now) {
      this.#fail(pending, errors.unconfirmed(pending.message, publishTimeoutMs))
      index += 1
      pending = this.#window.at(index)
    }
    while (this.#held.first && this.#held.first.deadlineAt <= now) {
      const late = this.#held.takeFirst()
      if (late) this.#fail(late, errors.neverSent(late.message, this.#waitReason()))
    }
    const next = pending ?? this.#held.first
    this.#timer = next && this.#startTimer(next.deadlineAt - now)
  }

  #waitReason(): string {
    const client = this.#channel?.client
    if (client === undefined) return 'there was no channel for publishing yet'
    if (client.blockedReason !== undefined)
      return `the broker takes no messages (${client.blockedReason})`
    return 'the broker does not read as fast as we write'
  }
}

function closed(): ConnectionError {
  return new ConnectionError('CONNECTION_CLOSED', 'The channel was closed by its owner')
}
