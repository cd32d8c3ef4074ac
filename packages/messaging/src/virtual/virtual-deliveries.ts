/** What a virtual channel delivers: takes within credit, hands out, settles, dead-letters, gives back. */
import { ChannelError, type ConnectionError, MessagingError, reasonOf } from '../errors.ts'
import type { ConsumeOptions, Delivery, DeliverySink, Outcome } from '../transport/transport.ts'
import { fanoutBindings } from './broadcast-queues.ts'
import { Burials } from './burials.ts'
import { ChannelSettlements } from './channel-settlements.ts'
import { ConsumerTable } from './consumer-table.ts'
import type { DeathReason } from './dead-letter.ts'
import { DeliveryLoop, type DeliverySource } from './delivery-loop.ts'
import type { VirtualMessage } from './envelope-message.ts'
import { markRedelivered, readMessage } from './envelope-text.ts'
import { expiresAtMs } from './expiry.ts'
import { GapCounter } from './gap-counter.ts'
import { type HeldMessage, HeldMessages } from './held-messages.ts'
import type { Lease } from './queue-store.ts'
import type { VirtualConnection } from './virtual-connection.ts'

/** Consumers and unsettled deliveries of one channel. */
export class VirtualDeliveries {
  readonly #connection: VirtualConnection
  readonly #settlements: ChannelSettlements
  readonly #consumers = new ConsumerTable()
  readonly #held = new HeldMessages()
  readonly #burials: Burials
  readonly #puts = new Set<Promise<void>>()
  readonly #loop: DeliveryLoop
  #prefetchCount = 0
  #isFlowing = true

  constructor(connection: VirtualConnection, onEnd: (error: ConnectionError) => void) {
    this.#connection = connection
    this.#settlements = new ChannelSettlements(connection.settler)
    const onRefusal = (error: unknown) => this.#report(error)
    this.#burials = new Burials({
      settlements: this.#settlements,
      publish: (letter) => connection.publisher.publish(letter),
      putAgain: (lease, priority) => this.#putAgain(lease, priority),
      report: onRefusal,
      onDone: () => this.#loop.replenish(),
    })
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
    this.#burials.hurry()
    this.releaseAll()
    // Before a queue goes with its last consumer: what comes back later would make it anew.
    this.#settlements.flush()
    for (const { tag } of this.#consumers.all())
      await this.cancel(tag).catch((error: unknown) => this.#report(error))
    await this.#answered()
  }

  /** Resolves when the store has answered everything that was begun. */
  async #answered(): Promise<void> {
    await this.#burials.done()
    await Promise.all(this.#puts)
    await this.#connection.settler.answered()
  }

  async consume(queue: string, sink: DeliverySink, options: ConsumeOptions): Promise<void> {
    const { topology, broadcasts } = this.#connection
    const fanout = broadcasts ? fanoutBindings(topology.bindingsOf(queue)) : []
    if (fanout.length > 0) await broadcasts?.open(queue, fanout)
    await this.#connection.joinQueue(queue)
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
    if (!this.#connection.isConsumed(consumer.queue))
      await this.#connection.leaveQueue(consumer.queue)
  }

  async get(queue: string, options: { readonly noAck: boolean }): Promise<Delivery | undefined> {
    const { noAck } = options
    for (;;) {
      const [lease] = await this.#connection.session.take({ queues: [queue], limit: 1, noAck })
      if (!lease) return undefined
      const message = readMessage(lease.payload, lease.queue)
      if (!this.#isExpired(lease, message)) {
        const handle = noAck ? 0 : this.#held.add({ lease, message, isBroadcast: false })
        return { handle, consumerTag: undefined, queue, message }
      }
      this.#bury(lease, message, 'expired')
    }
  }

  /** A delivery that was given back before is somebody else's: settling it is too late. */
  settle(handle: number, outcome: Outcome, options: { readonly multiple: boolean }): void {
    if (options.multiple) {
      for (const held of this.#held.takeUpTo(handle)) this.#settleOne(held, outcome)
    } else {
      const held = this.#held.take(handle)
      if (held) this.#settleOne(held, outcome)
      else if (this.#held.wasReleased(handle)) this.#settlements.countLate()
    }
    this.#loop.replenish()
  }

  #settleOne(held: HeldMessage, outcome: Outcome): void {
    const { lease, message, isBroadcast } = held
    if (outcome === 'reject') this.#bury(lease, message, 'rejected')
    else if (outcome !== 'ack') this.#putBack(held, outcome)
    else if (!isBroadcast) this.#done(lease)
  }

  #done(lease: Lease): void {
    const { token, queue } = lease
    this.#settlements.add({ outcome: 'done', token, queue })
  }

  #putBack(held: HeldMessage, outcome: 'requeue' | 'release'): void {
    const { broadcasts } = this.#connection
    const { lease, message, isBroadcast } = held
    const payload = message.defect ? lease.payload : marked(lease.payload)
    const priority = message.properties.priority ?? 0
    if (!isBroadcast) this.#settlements.add({ ...lease, outcome, payload, priority })
    else broadcasts?.putBack(lease.queue, payload, outcome === 'release' ? 'first' : 'last')
  }

  /** Ends a message that its queue gives up. */
  #bury(lease: Lease, message: VirtualMessage, reason: DeathReason): void {
    const queue = this.#connection.topology.queue(lease.queue)
    this.#burials.bury({ lease, message, reason, queue })
  }

  /** @returns settlements that came too late. See `ChannelSettlements`. */
  async settled(): Promise<number> {
    await this.#burials.done()
    return await this.#settlements.settled()
  }

  /** What is held of a queue goes with it. */
  discard(queue: string): void {
    for (const { lease, isBroadcast } of this.#held.takeAllOf(queue))
      if (!isBroadcast) this.#settlements.discard(lease)
    this.#settlements.flush()
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
      deliver: (leases: readonly Lease[]) => this.#deliverAll(leases),
      giveBack: (leases: readonly Lease[]) => this.#giveBack(leases),
    }
  }

  #credit(): number {
    if (!this.#isFlowing || this.#consumers.isEmpty) return 0
    const { maxTake } = this.#connection.settings
    const burying = this.#burials.count
    return this.#prefetchCount === 0
      ? maxTake - burying
      : Math.min(maxTake, this.#prefetchCount - this.#held.size - burying)
  }

  #deliverBroadcasts(limit: number): number {
    let count = 0
    for (const queue of this.#consumers.broadcastQueues()) {
      const payloads = this.#connection.broadcasts?.take(queue, limit - count) ?? []
      for (const payload of payloads) this.#deliver({ queue, payload, token: '' }, true)
      count += payloads.length
    }
    return count
  }

  #deliverAll(leases: readonly Lease[]): void {
    // Taken before the flow stopped, arrived after.
    if (!this.#isFlowing) {
      this.#giveBack(leases)
      return
    }
    for (const lease of leases) this.#deliver(lease, false)
    const last = leases.at(-1)
    if (last) this.#consumers.served(last.queue)
  }

  #deliver(lease: Lease, isBroadcast: boolean): void {
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
    if (isBroadcast) message.missedCount = consumer.gaps.missedBefore(message)
    const handle = consumer.noAck ? 0 : this.#held.add({ lease, message, isBroadcast })
    consumer.sink.onDelivery({ handle, consumerTag: consumer.tag, queue: lease.queue, message })
  }

  #giveBack(leases: readonly Lease[]): void {
    // Each goes in front of those released before it; what is appended keeps its order.
    for (const lease of leases.toReversed()) {
      if (lease.token !== '')
        this.#settlements.add({ ...lease, outcome: 'release', priority: priorityOf(lease) })
    }
    for (const lease of leases)
      if (lease.token === '') void this.#putAgain(lease, priorityOf(lease))
  }

  /** Taken without a lease, and nobody is there to receive it any more. */
  #putAgain({ queue, payload }: Lease, priority: number): Promise<void> {
    const text = Buffer.from(payload).toString()
    const put = this.#connection.session
      .put([{ queue, payload: text, priority }])
      .catch((error: unknown) => this.#report(error))
    this.#puts.add(put)
    return put.finally(() => this.#puts.delete(put))
  }

  #isExpired(lease: Lease, message: VirtualMessage): boolean {
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

/** A mark that cannot be made is no reason to keep a message from coming back. */
function marked(payload: Lease['payload']): Lease['payload'] {
  try {
    return markRedelivered(payload)
  } catch {
    return payload
  }
}

function priorityOf({ payload, queue }: Lease): number {
  return readMessage(payload, queue).properties.priority ?? 0
}
