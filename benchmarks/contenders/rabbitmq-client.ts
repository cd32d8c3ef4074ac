/** rabbitmq-client, as its README shows: a publisher with confirms, a consumer that acknowledges when its handler is done. */
import { body, type Contender, type Keeping, pump } from '../contender.ts'
import { peerModule } from '../peer-modules.ts'

interface PublisherLike {
  send(envelope: object, body: unknown): Promise<void>
  close(): Promise<void>
}

interface ConsumerLike {
  close(): Promise<void>
}

interface ConnectionLike {
  queueDeclare(options: object): Promise<unknown>
  createPublisher(options: object): PublisherLike
  createConsumer(options: object, handler: (message: unknown) => Promise<void>): ConsumerLike
  close(): Promise<void>
}

interface RabbitmqClient {
  readonly Connection: new (url: string) => ConnectionLike
}

const queue = 'bench'

/** On an AMQP URL. */
export async function makeContender(
  url: string,
  { isPersistent = true }: Keeping,
): Promise<Contender> {
  const { Connection } = await peerModule<RabbitmqClient>('rabbitmq-client')
  const connection = new Connection(url)
  await connection.queueDeclare({ queue, durable: true })
  const publisher = connection.createPublisher({ confirm: true })
  const envelope = { routingKey: queue, durable: isPersistent, mandatory: true }
  return {
    publish: (count, inFlight) => pump(count, inFlight, () => publisher.send(envelope, body)),
    drain: async (count, concurrency, onSettled) => {
      const done = Promise.withResolvers<void>()
      let left = count
      const options = { queue, qos: { prefetchCount: concurrency } }
      const consumer = connection.createConsumer(options, async () => {
        onSettled()
        left -= 1
        if (left === 0) done.resolve()
      })
      await done.promise
      await consumer.close()
    },
    close: async () => {
      await publisher.close()
      await connection.close()
    },
  }
}
