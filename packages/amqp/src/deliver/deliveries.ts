/** What a channel receives and holds: dispatch, the prefetch limit, settling. */
import {
  ChannelError,
  type ConsumeOptions,
  type Delivery,
  type DeliverySink,
  type MessagingError,
  type Outcome,
  reasonOf,
} from '@dashi/messaging/transport'
import type { ClientChannel } from '../client/client-channel.ts'
import type { FrameReceiver } from '../client/frame-intake.ts'
import type { Content } from '../wire/content.ts'
import { AmqpMessage, consumerTagOf, deliveryTagOf } from './amqp-message.ts'
import { SettlementAccount } from './settlement-account.ts'
import { Settlements } from './settlements.ts'
import { type Subscription, Subscriptions } from './subscriptions.ts'

/** What is delivered to whom. */
interface Parcel {
  readonly subscription: Subscription
  readonly content: Content
  readonly deliveryTag: number
  /** Whether the broker waits for its settlement. */
  readonly isHeld: boolean
}

/** Whom deliveries tell of what ends nothing, and what they are told. */
export interface DeliveriesParts {
  report(notice: MessagingError): void
  /** Whether a queue goes with its last consumer, as far as this connection knows. */
  isAutoDelete(queue: string): boolean
}

/** The receiving half of a channel. */
export class Deliveries implements FrameReceiver {
  readonly #channel: ClientChannel
  readonly #parts: DeliveriesParts
  readonly #settlements: Settlements
  readonly #subscriptions: Subscriptions
  readonly #account = new SettlementAccount()
  readonly #got: Content[] = []
  /** Above the limit, or come while paused. */
  #withheld: Parcel[] = []
  #isRecovering = false
  #isFlushDue = false

  constructor(channel: ClientChannel, parts: DeliveriesParts) {
    this.#channel = channel
    this.#parts = parts
    const { buffer } = channel.client.writer
    this.#settlements = new Settlements({ buffer, channel: channel.number })
    const isAutoDelete = (queue: string) => parts.isAutoDelete(queue)
    this.#subscriptions = new Subscriptions({ channel, isAutoDelete })
    channel.receive(this)
    channel.onCancelled = (tag) => this.#cancelledByBroker(tag)
  }

  // --- consumers

  consume(
    queue: string,
    sink: DeliverySink,
    options: Omit<ConsumeOptions, 'signal'>,
  ): Promise<void> {
    return this.#subscriptions.add(queue, sink, options)
  }

  async cancel(consumerTag: string): Promise<void> {
    const ended = await this.#subscriptions.remove(consumerTag)
    if (ended) this.#giveBackWithheld(ended)
  }

  async limit(prefetchCount: number): Promise<void> {
    await this.#subscriptions.limit(prefetchCount)
    this.#handOut()
  }

  async flow(active: boolean): Promise<void> {
    await (active ? this.#subscriptions.resume() : this.#subscriptions.pause())
    this.#handOut()
  }

  #cancelledByBroker(tag: string): void {
    const ended = this.#subscriptions.forget(tag)
    if (ended === undefined) return
    const { sink, options, queue } = ended
    this.#giveBackWithheld(ended)
    this.#guard(() => sink.onCancelled(cancelled(options.consumerTag, queue)))
  }

  // --- messages in

  async get(queue: string, noAck: boolean): Promise<Delivery | undefined> {
    const isThere = await this.#channel.get(queue, noAck)
    // Answers come in the order of questions.
    const content = isThere ? this.#got.shift() : undefined
    if (content === undefined) return undefined
    const deliveryTag = deliveryTagOf(content)
    if (noAck) this.#settlements.waive(deliveryTag)
    const message = new AmqpMessage(content, deliveryTag)
    return { handle: noAck ? 0 : deliveryTag, consumerTag: undefined, queue, message }
  }

  onGot(content: Content): void {
    this.#settlements.add(deliveryTagOf(content), 'got')
    this.#got.push(content)
  }

  onDelivery(content: Content): void {
    const deliveryTag = deliveryTagOf(content)
    const tag = consumerTagOf(content)
    const subscription = this.#subscriptions.at(tag)
    if (subscription === undefined) {
      this.#settlements.add(deliveryTag, 'got')
      this.settle(deliveryTag, 'release', false)
      return
    }
    const isHeld = !subscription.options.noAck || !this.#subscriptions.isFlowing
    // What is held is being given back with the others, and comes again.
    if (isHeld && this.#isRecovering) this.#settlements.add(deliveryTag, 'noAck')
    else this.#receive({ subscription, content, deliveryTag, isHeld })
  }

  #receive(parcel: Parcel): void {
    const { deliveryTag, isHeld } = parcel
    if (this.#withheld.length > 0 || this.#isOverLimit(parcel)) {
      this.#settlements.add(deliveryTag, isHeld ? 'got' : 'noAck')
      this.#withheld.push(parcel)
    } else {
      this.#settlements.add(deliveryTag, isHeld ? 'consumed' : 'noAck')
      this.#hand(parcel)
    }
  }

  #isOverLimit({ isHeld }: Parcel): boolean {
    const { prefetchCount, isFlowing } = this.#subscriptions
    const isFull = prefetchCount > 0 && this.#settlements.consumedCount >= prefetchCount
    return !isFlowing || (isHeld && isFull)
  }

  #hand({ subscription, content, deliveryTag }: Parcel): void {
    const { queue, sink, options } = subscription
    const { noAck, consumerTag } = options
    const message = new AmqpMessage(content, deliveryTag)
    const delivery = { handle: noAck ? 0 : deliveryTag, consumerTag, queue, message }
    this.#guard(() => sink.onDelivery(delivery))
  }

  /** As many of those that wait as the limit allows. */
  #handOut(): void {
    for (;;) {
      const [next] = this.#withheld
      if (next === undefined || this.#isOverLimit(next)) return
      this.#withheld.shift()
      if (next.isHeld && next.subscription.options.noAck)
        this.settle(next.deliveryTag, 'ack', false)
      else if (next.isHeld) this.#settlements.count(next.deliveryTag)
      this.#hand(next)
    }
  }

  #giveBackWithheld(subscription: Subscription): void {
    const waiting = this.#withheld
    this.#withheld = waiting.filter((parcel) => parcel.subscription !== subscription)
    for (const parcel of waiting) {
      if (parcel.subscription !== subscription) continue
      if (parcel.isHeld) this.settle(parcel.deliveryTag, 'release', false)
      // The broker has forgotten it: nobody else would ever see it.
      else this.#hand(parcel)
    }
    this.#handOut()
  }

  // --- settling

  settle(handle: number, outcome: Outcome, multiple: boolean): void {
    if (this.#channel.isOver || this.#settlements.isForgotten(handle)) {
      this.#account.countLate()
    } else if (this.#settlements.settle(handle, outcome, multiple)) {
      this.#account.countWritten()
      this.#scheduleFlush()
    }
  }

  /** What was settled so far is on its way. */
  flush(): void {
    this.#isFlushDue = false
    if (this.#channel.isOver) return
    this.#settlements.flush()
    this.#channel.client.writer.flush()
    if (this.#withheld.length > 0) this.#handOut()
  }

  #scheduleFlush(): void {
    if (this.#isFlushDue) return
    this.#isFlushDue = true
    process.nextTick(() => this.#isFlushDue && this.flush())
  }

  /** @returns how many settlements came too late since somebody was told. */
  settled(): Promise<number> {
    return this.#account.settled(() => this.#roundTrip())
  }

  /** The broker answers after everything that was settled before. */
  async #roundTrip(): Promise<void> {
    this.flush()
    const { isFlowing, prefetchCount } = this.#subscriptions
    if (!this.#channel.isOver) return await this.#channel.qos(isFlowing ? prefetchCount : 1)
    // The broker had all of it before it agreed to the end; otherwise nobody knows.
    const error = await this.#channel.closed
    if (error && this.#account.isWaiting) throw error
  }

  async recover(): Promise<void> {
    this.flush()
    this.#withheld = this.#withheld.filter(({ isHeld }) => !isHeld)
    this.#settlements.forgetAll()
    this.#isRecovering = true
    try {
      await this.#channel.recover()
    } finally {
      this.#isRecovering = false
    }
  }

  onRecovered(): void {
    this.#isRecovering = false
  }

  onConfirm(): void {
    // Nothing is published on this channel.
  }

  onReturn(): void {
    // As above.
  }

  /** A listener that throws must not end the connection of all. */
  #guard(call: () => void): void {
    try {
      call()
    } catch (error) {
      const reason = `A consumer of a RabbitMQ channel threw: ${reasonOf(error)}`
      this.#parts.report(new ChannelError('REFUSED', reason, { cause: error }))
    }
  }
}

function cancelled(consumerTag: string, queue: string): ChannelError {
  return new ChannelError(
    'CONSUMER_CANCELLED',
    `RabbitMQ ended consumer "${consumerTag}": queue "${queue}" was deleted, or its node is gone. Declare it and consume again`,
  )
}
