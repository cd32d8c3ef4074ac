/** What a virtual channel delivers: takes within credit, hands out, settles, dead-letters, gives back. */
import { ChannelError, type ConnectionError, MessagingError, reasonOf } from '../errors.ts'
import type { IncomingMessage } from '../message/envelope.ts'
import type { ConsumeOptions, Delivery, DeliverySink, Outcome } from '../transport/transport.ts'
import { fanoutBindings } from './broadcast-queues.ts'
import { ConsumerTable, type VirtualConsumer } from './consumer-table.ts'
import { type DeathReason, deadLetter } from './dead-letter.ts'
import { DeliveryLoop, type DeliverySource } from './delivery-loop.ts'
import { markRedelivered, readMessage } from './envelope-text.ts'
import { expiresAtMs } from './expiry.ts'
import { GapCounter } from './gap-counter.ts'
import { type HeldMessage, HeldMessages } from './held-messages.ts'
import type { Lease } from './queue-store.ts'
import type { VirtualConnection } from './virtual-connection.ts'

/** Consumers and unsettled deliveries of one channel. */
export class VirtualDeliveries {
  readonly #connection: VirtualConnection
  readonly #consumers = new ConsumerTable()
  readonly #held = new HeldMessages()
  readonly #loop: DeliveryLoop
  #prefetchCount = 0
  #isFlowing = true

  constructor(connection: VirtualConnection, onEnd: (error: ConnectionError) => void) {
    this.#connection = connection
    const onRefusal = (error: unknown) => this.#report(error)
    this.#loop = new DeliveryLoop(connection.session, this.#source(), { onEnd, onRefusal })
  }

  consumerCount(queue: string): number {
    return this.#consumers.consumersOf(queue).length
  }

  wake(): void {
    this.#loop.wake()
  }

  /** At most so many unsettled deliveries; 0 = no limit. */
  limit(prefetchCount: number): void {
    this.#prefetchCount = prefetchCount
    this.wake()
  }

  flow(active: boolean): void {
    this.#isFlowing = active
    this.wake()
  }

  /** Gives everything unsettled back, next to be delivered. */
  releaseAll(): void {
    for (const held of this.#held.takeAllNewestFirst()) this.#settleOne(held, 'release')
    this.wake()
  }

  /** Takes no more, gives back what is unsettled, ends the consumers. */
  async close(): Promise<void> {
    await this.#loop.stop()
    this.releaseAll()
    for (const consumer of this.#consumers.all()) await this.cancel(consumer.tag)
    this.#connection.settler.flush()
  }

  async consume(queue: string, sink: DeliverySink, options: ConsumeOptions): Promise<void> {
    const { topology, broadcasts } = this.#connection
    const fanout = broadcasts ? fanoutBindings(topology.bindingsOf(queue)) : []
    if (fanout.length > 0) await broadcasts?.open(queue, fanout)
    this.#consumers.add({
      tag: options.consumerTag,
      queue,
      noAck: options.noAck,
      sink,
      isBroadcast: fanout.length > 0,
      isStored: broadcasts === undefined || !topology.isBroadcastOnly(queue),
      gaps: new GapCounter(),
    })
    this.#loop.start()
    this.wake()
  }

  async cancel(consumerTag: string): Promise<void> {
    const consumer = this.#consumers.remove(consumerTag)
    if (!consumer) return
    this.wake()
    if (consumer.isBroadcast) await this.#connection.broadcasts?.close(consumer.queue)
    await this.#deleteIfAbandoned(consumer)
  }

  /** As Kombu on Redis: an auto-delete queue goes with its last consumer only where nobody else can need it. */
  async #deleteIfAbandoned(consumer: VirtualConsumer): Promise<void> {
    const { topology } = this.#connection
    const declaration = topology.queue(consumer.queue)
    if (!declaration?.autoDelete || this.#connection.isConsumed(consumer.queue)) return
    if (declaration.exclusive || topology.isBroadcastOnly(consumer.queue))
      await this.#connection.forgetQueue(consumer.queue)
  }

  async get(queue: string, options: { readonly noAck: boolean }): Promise<Delivery | undefined> {
    for (;;) {
      const [lease] = await this.#connection.session.take({
        queues: [queue],
        limit: 1,
        noAck: options.noAck,
      })
      if (!lease) return undefined
      const message = readMessage(lease.payload, lease.queue)
      if (!this.#isExpired(lease, message))
        return this.#delivery(lease, message, { noAck: options.noAck, isBroadcast: false })
      this.#bury(lease, message, 'expired')
    }
  }

  settle(handle: number, outcome: Outcome, options: { readonly multiple: boolean }): void {
    const held = this.#held.take(handle, options.multiple)
    for (const one of held) this.#settleOne(one, outcome)
    this.#loop.replenish()
  }

  #settleOne(held: HeldMessage, outcome: Outcome): void {
    if (outcome === 'requeue' || outcome === 'release') this.#putBack(held, outcome)
    else if (outcome === 'reject') this.#bury(held, held.message, 'rejected')
    else if (!held.isBroadcast)
      this.#connection.settler.add({ outcome: 'done', token: held.token, queue: held.queue })
  }

  #putBack(held: HeldMessage, outcome: 'requeue' | 'release'): void {
    const { broadcasts, settler } = this.#connection
    const { queue, token, message } = held
    const payload = message.defect ? held.payload : markRedelivered(held.payload)
    if (held.isBroadcast)
      broadcasts?.putBack(queue, payload, outcome === 'release' ? 'first' : 'last')
    else settler.add({ outcome, token, queue, payload, priority: message.properties.priority ?? 0 })
  }

  /** Ends a message that its queue gives up. The dead letter is stored before the original goes. */
  #bury(lease: Lease, message: IncomingMessage, reason: DeathReason): void {
    const { topology, settler } = this.#connection
    const letter = deadLetter(message, topology.queue(lease.queue), reason)
    const end = () =>
      lease.token === '' || settler.add({ outcome: 'done', token: lease.token, queue: lease.queue })
    if (!letter) end()
    else
      this.#connection.publisher
        .publish(letter)
        .then(end, (error: unknown) => this.#letterRefused(lease, message, error))
  }

  /** No place for the dead letter now: the message stays in its queue, to be given up again later. */
  #letterRefused(lease: Lease, message: IncomingMessage, error: unknown): void {
    this.#report(error)
    if (lease.token === '') return
    this.#connection.settler.add({
      ...lease,
      outcome: 'requeue',
      priority: message.properties.priority ?? 0,
    })
  }

  /** Ends the consumers of a queue that is gone. */
  queueDeleted(queue: string): void {
    for (const consumer of this.#consumers.consumersOf(queue)) {
      this.#consumers.remove(consumer.tag)
      consumer.sink.onCancelled(
        new ChannelError(
          'CONSUMER_CANCELLED',
          `Consumer "${consumer.tag}" ended: queue "${queue}" was deleted. Declare it and consume again`,
        ),
      )
    }
  }

  #source(): DeliverySource {
    return {
      credit: () => this.#credit(),
      queues: () => ({
        leased: this.#consumers.storedQueues(false),
        removed: this.#consumers.storedQueues(true),
      }),
      deliverBroadcasts: (limit: number) => this.#deliverBroadcasts(limit),
      deliver: (leases: readonly Lease[], noAck: boolean) => this.#deliverAll(leases, noAck),
      giveBack: (leases: readonly Lease[]) => this.#giveBack(leases),
    }
  }

  #credit(): number {
    if (!this.#isFlowing || this.#consumers.isEmpty) return 0
    const { maxTake } = this.#connection.settings
    return this.#prefetchCount === 0
      ? maxTake
      : Math.min(maxTake, this.#prefetchCount - this.#held.size)
  }

  #deliverBroadcasts(limit: number): number {
    let count = 0
    for (const queue of this.#consumers.broadcastQueues()) {
      const payloads = this.#connection.broadcasts?.take(queue, limit - count) ?? []
      for (const payload of payloads)
        this.#deliver({ queue, payload, token: '' }, { noAck: false, isBroadcast: true })
      count += payloads.length
    }
    return count
  }

  #deliverAll(leases: readonly Lease[], noAck: boolean): void {
    for (const lease of leases) this.#deliver(lease, { noAck, isBroadcast: false })
    const last = leases.at(-1)
    if (last) this.#consumers.served(last.queue)
  }

  #deliver(lease: Lease, kind: DeliveryKind): void {
    const message = readMessage(lease.payload, lease.queue)
    if (this.#isExpired(lease, message)) {
      this.#bury(lease, message, 'expired')
      return
    }
    const consumer = this.#consumers.next(lease.queue)
    if (!consumer) {
      this.#giveBack([lease])
      return
    }
    const missed = kind.isBroadcast ? consumer.gaps.missedBefore(message) : 0
    const told =
      missed === 0 ? message : { ...message, deliveryInfo: { ...message.deliveryInfo, missed } }
    consumer.sink.onDelivery({
      ...this.#delivery(lease, told, { ...kind, noAck: consumer.noAck }),
      consumerTag: consumer.tag,
    })
  }

  #delivery(lease: Lease, message: IncomingMessage, kind: DeliveryKind): Delivery {
    const { queue, token, payload } = lease
    const held = { queue, token, payload, message, isBroadcast: kind.isBroadcast }
    const handle = kind.noAck ? 0 : this.#held.add(held)
    return { handle, consumerTag: undefined, queue, message }
  }

  #giveBack(leases: readonly Lease[]): void {
    for (const lease of leases.toReversed()) {
      if (lease.token === '') continue
      const priority = readMessage(lease.payload, lease.queue).properties.priority ?? 0
      this.#connection.settler.add({ ...lease, outcome: 'release', priority })
    }
  }

  #isExpired(lease: Lease, message: IncomingMessage): boolean {
    const { topology, settings } = this.#connection
    const expires = expiresAtMs(message, topology.queue(lease.queue))
    return expires !== undefined && expires <= settings.now()
  }

  #report(error: unknown): void {
    this.#connection.report(
      MessagingError.is(error)
        ? error
        : new ChannelError('REFUSED', reasonOf(error), { cause: error }),
    )
  }
}

interface DeliveryKind {
  readonly noAck: boolean
  readonly isBroadcast: boolean
}
