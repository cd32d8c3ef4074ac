/** Where one case runs: connections, fresh names, checks, and a clean floor afterwards. */
import {
  type Capabilities,
  Connection,
  type ConnectionOptions,
  type Consumer,
  type ConsumerOptions,
  Exchange,
  type ExchangeOptions,
  type Message,
  type PublishOptions,
  Queue,
  type QueueOptions,
} from '@dashi/messaging'
import type { Subject } from '../case.ts'
import type { Expect } from '../runner.ts'
import type { TransportOverrides, TransportSetup } from '../setup.ts'
import { rejection } from './eventually.ts'
import { Inbox } from './inbox.ts'
import type { Janitor } from './janitor.ts'

/** How a case connects: options of the connection and of the transport. */
export interface StageConnectOptions extends ConnectionOptions {
  readonly overrides?: TransportOverrides
}

/** A consumer and what it receives. */
export interface StagedConsumer {
  readonly consumer: Consumer
  readonly inbox: Inbox
}

/** How a case consumes. */
export interface StageConsumeOptions extends ConsumerOptions {
  /** What to do with each message at once. Default: keep it. */
  readonly settle?: (message: Message) => void
}

/** What a case sends. */
export interface Sending extends PublishOptions {
  readonly bodies: readonly unknown[]
}

/** One per case. */
export class Stage implements AsyncDisposable {
  readonly expect: Expect
  readonly setup: TransportSetup
  readonly capabilities: Capabilities
  readonly #janitor: Janitor
  readonly #id = crypto.randomUUID().slice(0, 8)
  readonly #connections: Connection[] = []
  readonly #queues = new Set<string>()
  readonly #exchanges = new Set<string>()
  readonly #ends: (() => Promise<void>)[] = []
  #nameCount = 0

  constructor(subject: Subject, parts: { readonly expect: Expect; readonly janitor: Janitor }) {
    this.setup = subject.setup
    this.capabilities = subject.capabilities
    this.expect = parts.expect
    this.#janitor = parts.janitor
  }

  /** A name that nobody else uses. */
  name(what: string): string {
    this.#nameCount += 1
    return `conformance.${this.#id}.${what}-${this.#nameCount}`
  }

  /** A connection to the broker under test, closed at the end. Its quarantine queue is the case's own. */
  connect(options: StageConnectOptions = {}): Connection {
    const { overrides, ...connectionOptions } = options
    return this.adopt(
      new Connection(this.setup.create(overrides), {
        quarantineQueue: this.quarantine,
        operationTimeoutMs: 15_000,
        backoff: { startMs: 10, maxMs: 200 },
        ...connectionOptions,
      }),
    )
  }

  /** Closes a connection at the end. */
  adopt(connection: Connection): Connection {
    this.#connections.push(connection)
    return connection
  }

  /** Where the case's unreadable messages go. */
  get quarantine(): string {
    return this.forgetQueueAtEnd(`conformance.${this.#id}.quarantine`)
  }

  /** A queue with a fresh name, deleted at the end. */
  queue(options: QueueOptions = {}): Queue {
    return new Queue(this.forgetQueueAtEnd(this.name('queue')), options)
  }

  /** An exchange with a fresh name, deleted at the end. */
  exchange(type: string, options: ExchangeOptions = {}): Exchange {
    const name = this.name(type)
    this.#exchanges.add(name)
    return new Exchange(name, { type, ...options })
  }

  forgetQueueAtEnd(name: string): string {
    this.#queues.add(name)
    return name
  }

  /** Does something at the end, before anything else is cleaned up. */
  atEnd(run: () => Promise<void>): void {
    this.#ends.unshift(run)
  }

  /** Declares queues with all that belongs to them. */
  async declare(connection: Connection, ...queues: readonly Queue[]): Promise<void> {
    for (const queue of queues) await queue.declare(connection.defaultChannel)
  }

  /** Puts bodies into a queue, declared first. Resolves when the broker has all of them. */
  send(connection: Connection, queue: Queue, bodies: readonly unknown[]): Promise<void> {
    return this.sendWith(connection, queue, { bodies })
  }

  /** `send()` with options of each message. */
  async sendWith(connection: Connection, queue: Queue, sending: Sending): Promise<void> {
    const { bodies, ...options } = sending
    const producer = connection.producer()
    await producer.maybeDeclare(queue)
    const to = { routingKey: queue.name, ...options }
    await Promise.all(bodies.map((body) => producer.publish(body, to)))
  }

  /** Starts a consumer with a channel of its own. Resolves when the broker delivers. */
  async consume(
    connection: Connection,
    queues: Queue | readonly Queue[],
    options: StageConsumeOptions = {},
  ): Promise<StagedConsumer> {
    const { settle, ...consumerOptions } = options
    const inbox = new Inbox(settle)
    const consumer = connection.consumer({ queues, onMessage: inbox.receive, ...consumerOptions })
    await consumer.consume()
    return { consumer, inbox }
  }

  /** Takes one message, which must be there. */
  async get(
    connection: Connection,
    queue: Queue | string,
    options: { readonly noAck?: boolean } = {},
  ): Promise<Message> {
    const name = typeof queue === 'string' ? queue : queue.name
    const message = await connection.defaultChannel.get(name, options)
    if (message === undefined) throw new Error(`Queue "${name}" is empty, and a message is due`)
    return message
  }

  /** Takes and acknowledges everything that waits. @returns the bodies in order. */
  async drain(connection: Connection, queue: Queue | string): Promise<readonly unknown[]> {
    const name = typeof queue === 'string' ? queue : queue.name
    const bodies: unknown[] = []
    for (;;) {
      const message = await connection.defaultChannel.get(name)
      if (message === undefined) break
      bodies.push(message.payload)
      message.ack()
    }
    await connection.defaultChannel.settled()
    return bodies
  }

  /** Messages that wait in a queue. */
  async count(connection: Connection, queue: Queue): Promise<number> {
    const status = await queue.queueDeclare(connection.defaultChannel, { passive: true })
    return status.messageCount
  }

  /** The promise has to reject with an error like this. @returns it. */
  async refused(promise: Promise<unknown>, expected: object): Promise<Error> {
    const error = await rejection(promise)
    this.expect(error).toMatchObject(expected)
    return error
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const end of this.#ends) await end()
    // What a case closed itself, it has looked at too.
    for (const connection of this.#connections) if (!connection.isClosed) await connection.close()
    await this.#janitor.clean({ queues: this.#queues, exchanges: this.#exchanges })
  }
}
