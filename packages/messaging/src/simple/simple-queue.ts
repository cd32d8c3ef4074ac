/** A queue as simple as one in memory: put, get. Kombu's SimpleQueue. */
import type { Channel } from '../connection/channel.ts'
import type { SupervisedConnection } from '../connection/supervised-connection.ts'
import { Exchange, type ExchangeOptions } from '../entity/exchange.ts'
import { Queue, type QueueOptions } from '../entity/queue.ts'
import { ChannelError, ConnectionError, EmptyError } from '../errors.ts'
import type { Message } from '../message/message.ts'
import type { OperationOptions } from '../operation-options.ts'
import { checkOptions } from '../option-spec.ts'
import { Producer, type PublishOptions } from '../producer.ts'
import { type LaneWait, MessageLane } from './message-lane.ts'

/** Options of a simple queue. */
export interface SimpleQueueOptions {
  /** Taken is gone: messages need no acknowledgement. Default `false`, of a `SimpleBuffer` `true`. */
  readonly noAck?: boolean | undefined
  /** Of the queue, when given by name. */
  readonly queueOptions?: QueueOptions | undefined
  /** Of the exchange, when the queue is given by name. */
  readonly exchangeOptions?: ExchangeOptions | undefined
  /** Default: bytes and text as they are, anything else as JSON. */
  readonly serializer?: string | undefined
  readonly compression?: string | undefined
  /** Serializers or content types that may be read. Default: all that are enabled. */
  readonly accept?: readonly string[] | undefined
}

/** Options of `get`. */
export interface SimpleGetOptions extends OperationOptions {
  /** Wait for a message. Default `true`. */
  readonly block?: boolean | undefined
  /** Longest wait. Default: until there is one. */
  readonly timeoutMs?: number | undefined
}

/**
 * Puts messages into a queue and gets them out. Made by `connection.simpleQueue()`; declares what it needs at first use.
 *
 * A name stands for a durable queue bound to a durable direct exchange, all three names the same. Nothing is fetched
 * before it is asked for. Source: kombu/simple.py.
 *
 * @example
 * await using jobs = connection.simpleQueue('jobs')
 * await jobs.put({ page: 7 })
 * const message = await jobs.get({ timeoutMs: 1000 })
 * message.ack()
 */
export class SimpleQueue implements AsyncDisposable {
  readonly queue: Queue
  readonly producer: Producer
  readonly #connection: SupervisedConnection
  readonly #channel: Channel
  readonly #noAck: boolean
  readonly #options: SimpleQueueOptions
  readonly #lanes: MessageLane[] = []
  #declared: Promise<void> | undefined

  /** @throws {ConfigurationError} `BAD_OPTION`. */
  constructor(
    connection: SupervisedConnection,
    queue: Queue | string,
    options: SimpleQueueOptions = {},
  ) {
    checkOptions('a simple queue', options, {
      noAck: 'boolean',
      queueOptions: 'object',
      exchangeOptions: 'object',
      serializer: 'string',
      compression: 'string',
      accept: 'array',
    })
    this.#connection = connection
    this.#options = options
    this.#channel = connection.channel()
    this.queue = queue instanceof Queue ? queue : named(queue, options)
    this.#noAck = options.noAck ?? this.queue.noAck
    const { serializer, compression } = options
    const place = publishedBy(this.queue)
    // Declaring the queue declares its exchange.
    this.producer = new Producer(connection, {
      ...place,
      ...{ serializer, compression, autoDeclare: false, channel: this.#channel },
    })
  }

  /** Stores a message, and resolves when the broker has it. @throws as `producer.publish()`. */
  async put(message: unknown, options: PublishOptions = {}): Promise<void> {
    await this.#declare()
    await this.producer.publish(message, options)
  }

  /**
   * The next message; settle it, unless `noAck`.
   *
   * @throws {EmptyError} there is none, or none came in time.
   */
  async get(options: SimpleGetOptions = {}): Promise<Message> {
    const { block = true, timeoutMs = Number.POSITIVE_INFINITY, signal } = options
    const deadlineMs = performance.now() + timeoutMs
    await this.#declare()
    const message = block
      ? await this.#next({ deadlineMs, signal })
      : (this.#arrived() ?? (await this.#fetch(signal)))
    if (message) return message
    throw new EmptyError(
      block
        ? `No message came to queue "${this.queue.name}" within ${timeoutMs} ms`
        : `Queue "${this.queue.name}" is empty`,
    )
  }

  /** The next message, without waiting. @throws {EmptyError} there is none. */
  getNowait(options: OperationOptions = {}): Promise<Message> {
    return this.get({ ...options, block: false })
  }

  /** Removes all waiting messages. @returns how many. */
  async clear(options?: OperationOptions): Promise<number> {
    await this.#declare()
    return await this.queue.purge(this.#channel, options)
  }

  /** Messages that wait; 0 where a broker does not know an empty queue. */
  async qsize(options: OperationOptions = {}): Promise<number> {
    await this.#declare()
    try {
      const { signal } = options
      const { messageCount } = await this.queue.queueDeclare(this.#channel, { passive: true, signal }) // biome-ignore format: one line
      return messageCount
    } catch (error) {
      if (error instanceof ChannelError && error.code === 'NOT_FOUND') return 0
      throw error
    }
  }

  /** Gives back what is unsettled, and ends. Idempotent. The queue stays. */
  async close(options?: OperationOptions): Promise<void> {
    for (const lane of this.#lanes.splice(0)) await lane.close(options)
    await this.#channel.close(options)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #declare(): Promise<void> {
    if (!this.#channel.isOpen) return Promise.reject(closed(this.queue))
    this.#declared ??= this.queue.declare(this.#channel).then(
      () => undefined,
      (error: unknown) => {
        this.#declared = undefined
        throw error
      },
    )
    return this.#declared
  }

  async #next(wait: LaneWait): Promise<Message | undefined> {
    const arrived = this.#arrived()
    if (arrived) return arrived
    try {
      const fetched = await this.#fetch(wait.signal)
      if (fetched) return fetched
    } catch (error) {
      // The wait survives what a single question does not.
      if (!(error instanceof ConnectionError) || error.code !== 'CONNECTION_LOST') throw error
    }
    return await this.#freeLane().wait(wait)
  }

  #arrived(): Message | undefined {
    for (const lane of this.#lanes) {
      const message = lane.take()
      if (message) return message
    }
    return undefined
  }

  async #fetch(signal: AbortSignal | undefined): Promise<Message | undefined> {
    const { accept } = this.#options
    return await this.#channel.get(this.queue.name, {
      noAck: this.#noAck,
      accept: accept && this.#connection.settings.codecs.acceptedContentTypes(accept),
      signal,
    })
  }

  #freeLane(): MessageLane {
    const free = this.#lanes.find((lane) => lane.isFree)
    if (free) return free
    const { accept } = this.#options
    const lane = new MessageLane(this.#connection, this.queue, { noAck: this.#noAck, accept })
    this.#lanes.push(lane)
    return lane
  }
}

function named(name: string, options: SimpleQueueOptions): Queue {
  const exchange = new Exchange(name, options.exchangeOptions)
  return new Queue(name, { ...options.queueOptions, exchange, routingKey: name })
}

/** Where to publish so that the queue gets it. */
function publishedBy(queue: Queue): { readonly exchange: Exchange; readonly routingKey: string } {
  const { exchange, routingKey, name } = queue
  return exchange && exchange.name !== ''
    ? { exchange, routingKey }
    : { exchange: new Exchange(), routingKey: name }
}

function closed(queue: Queue): ConnectionError {
  return new ConnectionError(
    'CONNECTION_CLOSED',
    `The simple queue "${queue.name}" was closed by its owner. Make another with connection.simpleQueue()`,
  )
}
