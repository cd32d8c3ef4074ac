/** A memory broker behind doors that a test opens and shuts: every step of connecting can be held up or refused. */
import { memory } from '../memory/memory.ts'
import { MemoryBroker } from '../memory/memory-broker.ts'
import type {
  ConnectOptions,
  Transport,
  TransportChannel,
  TransportConnection,
} from '../transport/transport.ts'

/** The steps at which a test can step in. */
export interface StageDoors {
  /** Before a connection is made; `attempt` counts from 1. */
  connecting?(attempt: number): Promise<void> | void
  /** Before a channel of a connection is opened; connections count from 1. */
  opening?(connection: number): Promise<void> | void
  /** Before a consumer is started. */
  consuming?(queue: string, connection: number): Promise<void> | void
  /** After the broker has started it. */
  consumed?(queue: string, connection: number): Promise<void> | void
  /** Before a message is taken by `get()`. */
  getting?(): Promise<void> | void
  /** Before a publish is handed to the broker. */
  publishing?(): Promise<void> | void
}

/** One broker, any number of connections. */
export class StagedTransport implements Transport {
  readonly broker: MemoryBroker = new MemoryBroker()
  readonly doors: StageDoors
  /** Every connection that came about, in order. */
  readonly connections: TransportConnection[] = []
  /** Every channel that was opened, in order. */
  readonly channels: TransportChannel[] = []
  readonly #memory: Transport
  #attemptCount = 0

  constructor(doors: StageDoors = {}) {
    this.doors = doors
    this.#memory = memory({ broker: this.broker })
  }

  get name(): string {
    return 'staged'
  }

  get capabilities(): Transport['capabilities'] {
    return this.#memory.capabilities
  }

  get address(): Transport['address'] {
    return this.#memory.address
  }

  get attemptCount(): number {
    return this.#attemptCount
  }

  async connect(options: ConnectOptions): Promise<TransportConnection> {
    this.#attemptCount += 1
    await this.doors.connecting?.(this.#attemptCount)
    const connection = await this.#memory.connect(options)
    this.connections.push(connection)
    const number = this.connections.length
    const openChannel = connection.openChannel.bind(connection)
    connection.openChannel = async (given) => {
      await this.doors.opening?.(number)
      const channel = await openChannel(given)
      this.#stage(channel, number)
      return channel
    }
    return connection
  }

  #stage(channel: TransportChannel, connection: number): void {
    this.channels.push(channel)
    const consume = channel.consume.bind(channel)
    const get = channel.get.bind(channel)
    const publish = channel.publish.bind(channel)
    channel.consume = async (queue, sink, options) => {
      await this.doors.consuming?.(queue, connection)
      await consume(queue, sink, options)
      await this.doors.consumed?.(queue, connection)
    }
    channel.get = async (queue, options) => {
      await this.doors.getting?.()
      return await get(queue, options)
    }
    channel.publish = async (message) => {
      await this.doors.publishing?.()
      await publish(message)
    }
  }
}

/** What holds up whoever passes until it is opened. */
export interface Door {
  open(): void
  /** Resolves when somebody stands before it. */
  readonly reached: Promise<void>
  pass(): Promise<void>
}

/** A door that is shut. */
export function door(): Door {
  const opened = Promise.withResolvers<void>()
  const reached = Promise.withResolvers<void>()
  return {
    open: opened.resolve,
    reached: reached.promise,
    pass: () => {
      reached.resolve()
      return opened.promise
    },
  }
}
