/** The way to a broker, and what is made from it. */

import { isDeepStrictEqual } from 'node:util'
import type { Channel } from './connection/channel.ts'
import type { ConnectionOptions } from './connection/connection-options.ts'
import { type RetryPolicy, retryOverTime } from './connection/retry.ts'
import { SupervisedConnection } from './connection/supervised-connection.ts'
import { Consumer, type ConsumerOptions } from './consumer.ts'
import { DeliveryStream, type StreamOptions } from './delivery-stream.ts'
import type { Queue } from './entity/queue.ts'
import { ChannelPool } from './pool/channel-pool.ts'
import { ConnectionPool } from './pool/connection-pool.ts'
import type { PoolOptions } from './pool/resource-pool.ts'
import { isConnectionFailure, Producer, type ProducerOptions } from './producer.ts'
import { SimpleBuffer } from './simple/simple-buffer.ts'
import { SimpleQueue, type SimpleQueueOptions } from './simple/simple-queue.ts'
import type { Transport } from './transport/transport.ts'

/**
 * A connection to a broker, or to the first of several that answers. Lazy: nothing happens until it is needed.
 *
 * One supervisor keeps it alive: whatever was declared and consumed on it is there again within seconds of the broker
 * accepting connections. Close it when done.
 *
 * @example
 * await using connection = new Connection('redis://localhost:6379;redis://other:6379')
 * await connection.producer().publish({ hello: 'world' }, { routingKey: 'greetings' })
 * @see kombu/connection.py, Connection
 */
export class Connection extends SupervisedConnection {
  readonly #hosts: string | readonly string[] | Transport
  readonly #options: ConnectionOptions

  /**
   * @param hosts A URL, several (`'a;b'` or a list) to fail over between, or a transport value. Default `amqp://`.
   * @throws {ConfigurationError} `BAD_OPTION`, at once.
   */
  constructor(
    hosts: string | readonly string[] | Transport = 'amqp://',
    options: ConnectionOptions = {},
  ) {
    super(hosts, options)
    this.#hosts = hosts
    this.#options = options
  }

  /** A producer on this connection. */
  producer(options?: ProducerOptions): Producer {
    return new Producer(this, options)
  }

  /** A consumer, on a channel of its own unless one is given. Starts with `consume()`. */
  consumer(options?: ConsumerOptions, channel?: Channel): Consumer {
    return new Consumer(this, options, channel)
  }

  /** Messages of one or more queues, declared first, as an async iterable. `prefetchCount` defaults to 100. */
  consume(queues: Queue | readonly Queue[], options?: StreamOptions): DeliveryStream {
    return new DeliveryStream(this, queues, options)
  }

  /** A queue as simple as one in memory: `put()`, `get()`. A name stands for a durable queue of that name. */
  simpleQueue(queue: Queue | string, options?: SimpleQueueOptions): SimpleQueue {
    return new SimpleQueue(this, queue, options)
  }

  /** A simple queue that need not last: transient, without acknowledgements, gone when nobody uses it. */
  simpleBuffer(queue: Queue | string, options?: SimpleQueueOptions): SimpleBuffer {
    return new SimpleBuffer(this, queue, options)
  }

  /** Lends clones of this connection. `limit` defaults to none. */
  pool(options?: PoolOptions): ConnectionPool {
    return new ConnectionPool(this, options)
  }

  /** Lends channels of this connection. `limit` defaults to none. */
  channelPool(options?: PoolOptions): ChannelPool {
    return new ChannelPool(this, options)
  }

  /** An unconnected connection with the same settings, or others. */
  clone(overrides: ConnectionOptions = {}): Connection {
    return new Connection(this.#hosts, { ...this.#options, ...overrides })
  }

  /** True for a connection to the same brokers, with the same settings. */
  equals(other: unknown): boolean {
    if (!(other instanceof Connection)) return false
    const { codecs, ...settings } = this.settings
    const { codecs: otherCodecs, ...otherSettings } = other.settings
    return (
      codecs === otherCodecs &&
      givenTransport(this.#hosts) === givenTransport(other.#hosts) &&
      isDeepStrictEqual(settings, otherSettings)
    )
  }

  /**
   * Connects, trying for as long as the policy allows. Kombu's `ensure_connection()`.
   *
   * @throws {ConnectionError} the last reason, when retries are used up.
   */
  async ensureConnection(policy: RetryPolicy = {}): Promise<this> {
    return await retryOverTime(
      () => this.connect({ signal: policy.signal }),
      isConnectionFailure,
      policy,
    )
  }

  /**
   * Wraps a function so that it is called again when the connection fails under it, on the next broker of the list if need
   * be. What it does must bear being done twice.
   *
   * @example
   * const publish = connection.ensure(producer.publish.bind(producer), { maxRetries: 3, errback: (error, ms) => log(error, ms) })
   * await publish({ hello: 'world' }, { routingKey: 'dest' })
   */
  ensure<Args extends unknown[], Result>(
    run: (...args: Args) => Result | Promise<Result>,
    policy: RetryPolicy = {},
  ): (...args: Args) => Promise<Result> {
    return (...args) => retryOverTime(async () => await run(...args), isConnectionFailure, policy)
  }

  /**
   * As `ensure`, for functions that take a channel: they get one that works.
   *
   * @example
   * const declare = connection.autoretry((channel) => queue.declare(channel))
   * await declare()
   */
  autoretry<Args extends unknown[], Result>(
    run: (channel: Channel, ...args: Args) => Result | Promise<Result>,
    policy: RetryPolicy = {},
  ): (...args: Args) => Promise<Result> {
    return this.ensure((...args: Args) => run(this.defaultChannel, ...args), policy)
  }
}

function givenTransport(hosts: string | readonly string[] | Transport): Transport | undefined {
  return typeof hosts === 'object' && 'connect' in hosts ? hosts : undefined
}
