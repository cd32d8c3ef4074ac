/** How fast is messaging over RabbitMQ, beside the clients that people use? */
import { Connection } from '@dashi/messaging'
import { startRabbitmq } from '../tools/brokers/rabbitmq.ts'
import type { Question } from './question.ts'

/** Targets: publishing as fast as the better client; consuming 1.2 times as fast as amqplib. */
export const messagingAmqp: Question = {
  name: 'messaging-amqp',
  description:
    'Publish and consume through one durable classic queue of a private RabbitMQ, about 220 bytes of JSON, encoded and decoded by everybody. ' +
    'Publisher confirms and mandatory for all; each message acknowledged after its handler. amqplib: a confirm channel, ack() per message; ' +
    'rabbitmq-client: createPublisher() and createConsumer(); ours: producer and consumer callbacks',
  comparisons: [
    {
      name: 'publish, 1,000 confirms in flight, transient',
      workload: { kind: 'publish', count: 20_000, concurrency: 1_000, isPersistent: false },
      peers: ['amqplib', 'rabbitmq-client'],
      atLeast: 1,
    },
    {
      name: 'publish, 1,000 confirms in flight, persistent',
      workload: { kind: 'publish', count: 15_000, concurrency: 1_000 },
      peers: ['amqplib', 'rabbitmq-client'],
      atLeast: 1,
    },
    {
      name: 'consume and acknowledge, prefetch 1,000',
      workload: { kind: 'drain', count: 20_000, concurrency: 1_000, isPersistent: false },
      peers: ['amqplib'],
      atLeast: 1.2,
    },
  ],
  open: async () => {
    const server = await startRabbitmq()
    const connection = new Connection(server.url)
    return {
      urlOf: () => server.url,
      empty: async () => {
        await connection.defaultChannel.deleteQueue('bench')
      },
      [Symbol.asyncDispose]: async () => {
        await connection.close()
        await server[Symbol.asyncDispose]()
      },
    }
  },
}
