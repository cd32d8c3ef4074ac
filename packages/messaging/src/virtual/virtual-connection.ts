/** One connection of a virtual transport: a store session, and what all its channels share. */
import { ChannelError, MessagingError, reasonOf } from '../errors.ts'
import type {
  ConnectOptions,
  TransportChannel,
  TransportConnection,
} from '../transport/transport.ts'
import { BroadcastQueues } from './broadcast-queues.ts'
import { LocalBindingTable } from './local-binding-table.ts'
import { VirtualPublisher } from './publisher.ts'
import type { BindingTable, QueueStore, StoreSession } from './queue-store.ts'
import { Settler } from './settler.ts'
import { VirtualTopology } from './topology.ts'
import { VirtualChannel } from './virtual-channel.ts'
import type { VirtualSettings } from './virtual-options.ts'

/** How a virtual connection behaves, and whom it tells. */
export interface VirtualConnectionOptions extends ConnectOptions {
  readonly settings: VirtualSettings
}

/** AMQP's connection over a queue store. */
export class VirtualConnection implements TransportConnection {
  readonly store: QueueStore
  readonly session: StoreSession
  readonly settings: VirtualSettings
  readonly bindings: BindingTable
  readonly topology: VirtualTopology
  readonly publisher: VirtualPublisher
  readonly settler: Settler
  readonly broadcasts: BroadcastQueues | undefined
  readonly #channels = new Set<VirtualChannel>()

  readonly #report: ((notice: MessagingError) => void) | undefined

  constructor(store: QueueStore, session: StoreSession, options: VirtualConnectionOptions) {
    const { settings, report } = options
    this.#report = report
    this.store = store
    this.session = session
    this.settings = settings
    this.bindings = session.bindings ?? new LocalBindingTable()
    this.topology = new VirtualTopology(store)
    this.publisher = new VirtualPublisher(this, options)
    this.settler = new Settler(session, { onRefused: (error) => this.#reportFailure(error) })
    void session.closed.then(() => this.settler.stop())
    const { broadcaster } = session
    this.broadcasts = broadcaster && new BroadcastQueues(broadcaster, () => this.#wakeChannels())
  }

  get closed(): Promise<MessagingError | undefined> {
    return this.session.closed
  }

  async openChannel(): Promise<TransportChannel> {
    const channel = new VirtualChannel(this)
    this.#channels.add(channel)
    void channel.closed.finally(() => this.#channels.delete(channel))
    return channel
  }

  /** True while another consumer of this connection uses the queue. */
  isConsumed(queue: string): boolean {
    for (const channel of this.#channels) if (channel.consumesFrom(queue)) return true
    return false
  }

  /** A consumer comes: other connections have to know, or they would delete an auto-delete queue that they leave. */
  async joinQueue(queue: string): Promise<void> {
    const { session, topology, bindings } = this
    const declaration = topology.queue(queue)
    const isShared = declaration?.autoDelete && !declaration.exclusive
    if (!isShared || session.joinQueue === undefined) return
    await session.joinQueue(queue)
    // The last one may have left since it was declared here.
    await session.declareQueue(queue, declaration.arguments, declaration)
    for (const binding of topology.bindingsOf(queue)) await bindings.bind(binding)
  }

  /** The last consumer of this connection has gone. As Kombu on Redis: only a queue that nobody else can need goes with it. */
  async leaveQueue(queue: string): Promise<void> {
    const declaration = this.topology.queue(queue)
    if (!declaration?.autoDelete) return
    if (declaration.exclusive) return await this.forgetOwnQueue(queue)
    const deleteIfLast = this.topology.isBroadcastOnly(queue)
    if (this.session.leaveQueue === undefined) {
      if (deleteIfLast) await this.forgetQueue(queue)
    } else if (await this.session.leaveQueue(queue, { deleteIfLast })) {
      for (const channel of this.#channels) channel.discard(queue)
      this.#queueDeleted(queue)
    }
  }

  /** What was published and settled before is answered; then the session ends, whatever happens. */
  async close(): Promise<void> {
    try {
      for (const channel of this.#channels) await channel.close()
      for (const queue of this.topology.exclusiveQueues()) await this.forgetOwnQueue(queue)
      await this.publisher.done()
      await this.settler.settled().catch((error: unknown) => this.#reportFailure(error))
    } finally {
      await this.session.close()
    }
  }

  destroy(error?: MessagingError): void {
    this.session.destroy(error)
  }

  /** Deletes an exclusive queue, unless it has become another connection's: that one consumes from it. */
  async forgetOwnQueue(queue: string): Promise<void> {
    const isOurs = (await this.session.ownsQueue?.(queue)) ?? true
    if (isOurs) await this.forgetQueue(queue)
    else this.topology.removeQueue(queue)
  }

  /** Deletes a queue with its bindings. @returns messages that went with it. */
  async forgetQueue(queue: string): Promise<number> {
    for (const channel of this.#channels) channel.discard(queue)
    const exchanges = this.topology.bindingsOf(queue).map((binding) => binding.exchange)
    await this.bindings.removeQueue(queue, exchanges)
    const count = await this.session.deleteQueue(queue)
    this.#queueDeleted(queue)
    return count
  }

  #queueDeleted(queue: string): void {
    this.topology.removeQueue(queue)
    for (const channel of this.#channels) channel.queueDeleted(queue)
  }

  /** What could not be settled is delivered again: closing goes on. */
  #reportFailure(error: unknown): void {
    this.report(MessagingError.is(error) ? error : new ChannelError('REFUSED', reasonOf(error)))
  }

  /** Tells of something that ends nothing. */
  report(notice: MessagingError): void {
    this.#report?.(notice)
  }

  #wakeChannels(): void {
    for (const channel of this.#channels) channel.wake()
  }
}
