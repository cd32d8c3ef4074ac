/** Kombu's ConsumerProducerMixin: a consumer service that also publishes. */
import type { Channel } from '../connection/channel.ts'
import type { Connection } from '../connection.ts'
import type { OperationOptions } from '../operation-options.ts'
import { Producer } from '../producer.ts'
import { ConsumerService } from './consumer-service.ts'

/**
 * A consumer service with a second connection for publishing, so that neither holds up the other.
 *
 * @example
 * class Doubler extends ConsumerProducerService {
 *   override getConsumers(consumer: ConsumerFactory) {
 *     return [consumer({ queues: [numbers], callbacks: [(body, message) => this.onNumber(body, message)] })]
 *   }
 *   async onNumber(body: unknown, message: Message) {
 *     await this.producer.publish(Number(body) * 2, { routingKey: 'doubled' })
 *     message.ack()
 *   }
 * }
 */
export abstract class ConsumerProducerService extends ConsumerService {
  #producerConnection: Connection | undefined

  /** Made when first asked for, and closed with the life. */
  get producerConnection(): Connection {
    if (!this.#producerConnection || this.#producerConnection.isClosed) {
      const connection = this.connection.clone()
      connection.on('warning', ({ error }) => this.connection.warn(error))
      this.#producerConnection = connection
    }
    return this.#producerConnection
  }

  /** A producer on `producerConnection`. */
  get producer(): Producer {
    return new Producer(this.producerConnection)
  }

  override async onConsumeEnd(connection: Connection, channel: Channel): Promise<void> {
    await this.#closeProducerConnection()
    await super.onConsumeEnd(connection, channel)
  }

  override async run(options?: OperationOptions): Promise<void> {
    try {
      await super.run(options)
    } finally {
      await this.#closeProducerConnection()
    }
  }

  async #closeProducerConnection(): Promise<void> {
    const connection = this.#producerConnection
    this.#producerConnection = undefined
    await connection?.close()
  }
}
