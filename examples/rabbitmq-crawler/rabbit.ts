import { type Connection, type ConsumerCallback, Exchange, Queue } from '@dashi/messaging'

/** What a `RabbitMQ` reads and writes. */
export interface RabbitOptions {
  readonly exchange: string
  readonly queueName: string
  /** Binds the queue to the exchange. */
  readonly queueKey: string
  /** Messages are done when they are delivered. Default false: when the callback says so. */
  readonly autoAck?: boolean
}

/** A consumer whose callback may produce: one queue to get from, one exchange to put into. */
export class RabbitMQ {
  readonly #connection: Connection
  readonly #exchange: Exchange
  readonly #queue: Queue
  readonly #autoAck: boolean

  constructor(connection: Connection, options: RabbitOptions) {
    this.#connection = connection
    this.#exchange = new Exchange(options.exchange)
    this.#queue = new Queue(options.queueName, {
      exchange: this.#exchange,
      routingKey: options.queueKey,
    })
    this.#autoAck = options.autoAck ?? false
  }

  /** Gives every message to the callback, one at a time. Resolves when messages begin to arrive. */
  async rabbitGet(callback: ConsumerCallback): Promise<void> {
    const consumer = this.#connection.consumer({
      queues: [this.#queue],
      callbacks: [callback],
      noAck: this.#autoAck,
      prefetchCount: 1,
    })
    await consumer.consume()
  }

  /** Resolves when the broker has the message. */
  async rabbitPut(key: string, message: string): Promise<void> {
    const producer = this.#connection.producer({ exchange: this.#exchange })
    await producer.publish(message, { routingKey: key })
  }
}
