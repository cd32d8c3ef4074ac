/** What a channel consumes and holds: dispatch, prefetch, settling. */
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
import { type DeliveryKind, Settlements } from './settlements.ts'

/** A consumer, as the broker knows it while deliveries flow. */
interface AmqpConsumer {
  readonly queue: string
  readonly sink: DeliverySink
  readonly options: Omit<ConsumeOptions, 'signal'>
}

/** A delivery above the prefetch limit: it came, and waits. */
interface Withheld {
  readonly consumer: AmqpConsumer
  readonly content: Content
  readonly deliveryTag: number
}

/** The receiving half of a channel. */
export class Deliveries implements FrameReceiver {
  readonly #channel: ClientChannel
  readonly #report: (notice: MessagingError) => void
  readonly #settlements: Settlements
  readonly #consumers = new Map<string, AmqpConsumer>()
  readonly #got = new Map<number, Content>()
  #gotTag = 0
  #withheld: Withheld[] = []
  #prefetchCount = 0
  #isFlowing = true
  #isRecovering = false
  #isFlushDue = false
  readonly #account = new SettlementAccount()

  constructor(channel: ClientChannel, report: (notice: MessagingError) => void) {
    this.#channel = channel
    this.#report = report
    const { buffer } = channel.client.writer
    this.#settlements = new Settlements({ buffer, channel: channel.number })
    channel.receive(this)
    channel.onCancelled = (consumerTag) => this.#cancelledByBroker(consumerTag)
  }

  // --- consumers

  async consume(
    queue: string,
    sink: DeliverySink,
    options: Omit<ConsumeOptions, 'signal'>,
  ): Promise<void> {
    const consumer = { queue, sink, options }
    // Before the question: deliveries may come in the same piece as the answer.
    this.#consumers.set(options.consumerTag, consumer)
    if (!this.#isFlowing) return
    try {
      await this.#channel.consume(queue, options)
    } catch (error) {
      this.#consumers.delete(options.consumerTag)
      throw error
    }
  }

  async cancel(consumerTag: string): Promise<void> {
    const consumer = this.#consumers.get(consumerTag)
    if (consumer === undefined) return
    if (this.#isFlowing) await this.#channel.cancel(consumerTag)
    this.#consumers.delete(consumerTag)
    this.#giveBackWithheld(consumer)
  }

  /** RabbitMQ limits each consumer when it starts, so running ones are started again. */
  async limit(prefetchCount: number): Promise<void> {
    if (prefetchCount === this.#prefetchCount && this.#consumers.size > 0) return
    const isRunning = this.#isFlowing && this.#consumers.size > 0
    if (isRunning) await this.#pause()
    this.#prefetchCount = prefetchCount
    await this.#channel.qos(prefetchCount)
    if (isRunning) await this.#resume()
    this.#handOut()
  }

  /** RabbitMQ has no `channel.flow` of ours: a pause is a cancel, a resumption another consume. */
  async flow(active: boolean): Promise<void> {
    if (active === this.#isFlowing) return
    this.#isFlowing = active
    await (active ? this.#resume() : this.#pause())
  }

  async #pause(): Promise<void> {
    for (const consumerTag of this.#consumers.keys()) await this.#channel.cancel(consumerTag)
  }

  async #resume(): Promise<void> {
    for (const { queue, options } of this.#consumers.values())
      await this.#channel.consume(queue, options)
  }

  #cancelledByBroker(consumerTag: string): void {
    const consumer = this.#consumers.get(consumerTag)
    if (consumer === undefined) return
    this.#consumers.delete(consumerTag)
    this.#giveBackWithheld(consumer)
    this.#guard(() => consumer.sink.onCancelled(cancelled(consumerTag, consumer.queue)))
  }

  // --- messages in

  async get(queue: string, noAck: boolean): Promise<Delivery | undefined> {
    const isThere = await this.#channel.get(queue, noAck)
    if (!isThere) return undefined
    // Answers come in the order of questions, and each is taken here before the next is asked for.
    this.#gotTag = Math.min(...this.#got.keys())
    const content = this.#got.get(this.#gotTag)
    if (content === undefined) return undefined
    this.#got.delete(this.#gotTag)
    if (noAck) this.#settlements.settle(this.#gotTag, 'ack', false)
    return this.#delivery({ queue, content, deliveryTag: this.#gotTag, noAck })
  }

  onGot(content: Content): void {
    const deliveryTag = deliveryTagOf(content)
    this.#settlements.add(deliveryTag, 'got')
    this.#got.set(deliveryTag, content)
  }

  onDelivery(content: Content): void {
    const deliveryTag = deliveryTagOf(content)
    const consumer = this.#consumers.get(consumerTagOf(content))
    if (consumer?.options.noAck) {
      this.#settlements.add(deliveryTag, 'noAck')
      this.#hand(consumer, content, deliveryTag)
    } else if (this.#isRecovering) {
      // It is being given back with the others, and comes again.
      this.#settlements.add(deliveryTag, 'noAck')
    } else if (consumer === undefined) {
      this.#settlements.add(deliveryTag, 'got')
      this.settle(deliveryTag, 'release', false)
    } else {
      this.#receive(consumer, content, deliveryTag)
    }
  }

  #receive(consumer: AmqpConsumer, content: Content, deliveryTag: number): void {
    const limit = this.#prefetchCount
    const isOver = limit > 0 && this.#settlements.consumedCount >= limit
    const kind: DeliveryKind = isOver || this.#withheld.length > 0 ? 'got' : 'consumed'
    this.#settlements.add(deliveryTag, kind)
    if (kind === 'consumed') this.#hand(consumer, content, deliveryTag)
    else this.#withheld.push({ consumer, content, deliveryTag })
  }

  #hand(consumer: AmqpConsumer, content: Content, deliveryTag: number): void {
    const { queue, sink, options } = consumer
    const { noAck, consumerTag } = options
    const delivery = this.#delivery({ queue, content, deliveryTag, noAck, consumerTag })
    this.#guard(() => sink.onDelivery(delivery))
  }

  #delivery(parts: {
    readonly queue: string
    readonly content: Content
    readonly deliveryTag: number
    readonly noAck: boolean
    readonly consumerTag?: string
  }): Delivery {
    const { queue, content, deliveryTag, noAck, consumerTag } = parts
    const message = new AmqpMessage(content, deliveryTag)
    return { handle: noAck ? 0 : deliveryTag, consumerTag, queue, message }
  }

  /** As many of those that wait as the limit allows. */
  #handOut(): void {
    const limit = this.#prefetchCount
    while (this.#withheld.length > 0) {
      if (limit > 0 && this.#settlements.consumedCount >= limit) return
      const next = this.#withheld.shift()
      if (next === undefined) return
      this.#settlements.count(next.deliveryTag)
      this.#hand(next.consumer, next.content, next.deliveryTag)
    }
  }

  #giveBackWithheld(consumer: AmqpConsumer): void {
    const [theirs, others] = partition(this.#withheld, (one) => one.consumer === consumer)
    this.#withheld = others
    for (const { deliveryTag } of theirs) this.settle(deliveryTag, 'release', false)
  }

  // --- settling

  settle(handle: number, outcome: Outcome, multiple: boolean): void {
    if (this.#channel.isOver || this.#settlements.isForgotten(handle)) this.#account.countLate()
    else if (this.#settlements.settle(handle, outcome, multiple)) {
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
    if (!this.#channel.isOver) return await this.#channel.qos(this.#prefetchCount)
    // The broker had all of it before it agreed to the end; otherwise nobody knows.
    const error = await this.#channel.closed
    if (error && this.#account.isWaiting) throw error
  }

  async recover(): Promise<void> {
    this.flush()
    this.#withheld = []
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
      this.#report(new ChannelError('REFUSED', reason, { cause: error }))
    }
  }
}

function cancelled(consumerTag: string, queue: string): ChannelError {
  return new ChannelError(
    'CONSUMER_CANCELLED',
    `RabbitMQ ended consumer "${consumerTag}": queue "${queue}" was deleted, or its node is gone. Declare it and consume again`,
  )
}

function partition<T>(all: readonly T[], isWanted: (one: T) => boolean): readonly [T[], T[]] {
  const wanted: T[] = []
  const others: T[] = []
  for (const one of all) (isWanted(one) ? wanted : others).push(one)
  return [wanted, others]
}
