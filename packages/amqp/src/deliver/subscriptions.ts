/** The consumers of a channel, and the tags under which the broker knows them now. */
import type { ConsumeOptions, DeliverySink } from '@dashi/messaging/transport'
import type { ClientChannel } from '../client/client-channel.ts'

/** A consumer, from `consume()` to `cancel()`, however often it is started. */
export interface Subscription {
  readonly queue: string
  readonly sink: DeliverySink
  readonly options: Omit<ConsumeOptions, 'signal'>
  /** Under which the broker delivers now; `undefined` while it is paused. */
  tag: string | undefined
  /** How often it was started. */
  starts: number
}

/** What the subscriptions of a channel need. */
export interface SubscriptionParts {
  readonly channel: ClientChannel
  /** Whether a queue goes with its last consumer, as far as this connection knows. */
  isAutoDelete(queue: string): boolean
}

/**
 * RabbitMQ limits a consumer when it starts, and has no pause. So both are made of starting and stopping: a new one is
 * there before the old one goes, or an auto-delete queue would go with it.
 */
export class Subscriptions {
  readonly #parts: SubscriptionParts
  readonly #subscriptions = new Map<string, Subscription>()
  readonly #byTag = new Map<string, Subscription>()
  #prefetchCount = 0
  #isFlowing = true

  constructor(parts: SubscriptionParts) {
    this.#parts = parts
  }

  get prefetchCount(): number {
    return this.#prefetchCount
  }

  get isFlowing(): boolean {
    return this.#isFlowing
  }

  /** Whom the broker means by a tag. */
  at(tag: string): Subscription | undefined {
    return this.#byTag.get(tag)
  }

  async add(
    queue: string,
    sink: DeliverySink,
    options: Omit<ConsumeOptions, 'signal'>,
  ): Promise<void> {
    const subscription: Subscription = { queue, sink, options, tag: undefined, starts: 0 }
    this.#subscriptions.set(options.consumerTag, subscription)
    if (!this.#isFlowing && !this.#parts.isAutoDelete(queue)) return
    try {
      await this.#start(subscription)
    } catch (error) {
      this.#subscriptions.delete(options.consumerTag)
      throw error
    }
  }

  /** @returns the one that has ended, if there was one. */
  async remove(consumerTag: string): Promise<Subscription | undefined> {
    const subscription = this.#subscriptions.get(consumerTag)
    if (subscription === undefined) return undefined
    await this.#stop(subscription.tag)
    this.#subscriptions.delete(consumerTag)
    return subscription
  }

  /** The broker has ended one. */
  forget(tag: string): Subscription | undefined {
    const subscription = this.#byTag.get(tag)
    // A former tag of it was stopped by us.
    if (subscription === undefined || subscription.tag !== tag) return undefined
    this.#byTag.delete(tag)
    this.#subscriptions.delete(subscription.options.consumerTag)
    return subscription
  }

  async limit(prefetchCount: number): Promise<void> {
    const isOther = prefetchCount !== this.#prefetchCount
    this.#prefetchCount = prefetchCount
    await this.#parts.channel.qos(this.#isFlowing ? prefetchCount : 1)
    if (!isOther || !this.#isFlowing) return
    for (const subscription of this.#subscriptions.values()) await this.#restart(subscription)
  }

  async pause(): Promise<void> {
    if (!this.#isFlowing) return
    this.#isFlowing = false
    // What keeps an auto-delete queue alive holds one message at most.
    await this.#parts.channel.qos(1)
    for (const subscription of this.#subscriptions.values()) {
      if (this.#parts.isAutoDelete(subscription.queue)) await this.#restart(subscription)
      else await this.#stop(subscription.tag)
    }
  }

  async resume(): Promise<void> {
    if (this.#isFlowing) return
    this.#isFlowing = true
    await this.#parts.channel.qos(this.#prefetchCount)
    for (const subscription of this.#subscriptions.values()) await this.#restart(subscription)
  }

  /** The new one first. Where there may be only one, the old one has to do. */
  async #restart(subscription: Subscription): Promise<void> {
    const { tag, options } = subscription
    if (tag !== undefined && options.exclusive) return
    await this.#start(subscription)
    if (tag !== undefined) await this.#stop(tag)
  }

  async #start(subscription: Subscription): Promise<void> {
    const { options, queue, starts } = subscription
    const tag = starts === 0 ? options.consumerTag : `${options.consumerTag}.${starts}`
    const former = subscription.tag
    subscription.starts += 1
    subscription.tag = tag
    // Before the question: deliveries may come in the same piece as the answer.
    this.#byTag.set(tag, subscription)
    // Without acknowledgements there would be no limit while it is paused.
    const noAck = options.noAck && this.#isFlowing
    try {
      await this.#parts.channel.consume(queue, { ...options, consumerTag: tag, noAck })
    } catch (error) {
      this.#byTag.delete(tag)
      subscription.tag = former
      throw error
    }
  }

  async #stop(tag: string | undefined): Promise<void> {
    if (tag === undefined) return
    const subscription = this.#byTag.get(tag)
    await this.#parts.channel.cancel(tag)
    this.#byTag.delete(tag)
    if (subscription?.tag === tag) subscription.tag = undefined
  }
}
