import { Connection, Queue, TimeoutError } from '@dashi/messaging'

const [urls = 'redis://localhost:6399;sqla+sqlite:///examples.db'] = process.argv.slice(2)

await using connection = new Connection(urls)
connection.on('connected', ({ url }) => console.log(`connected to ${url}`))

const consumer = connection.consumer({
  queues: [new Queue('queue', { routingKey: 'queue' })],
  callbacks: [
    (body, message) => {
      console.log(body)
      message.ack()
    },
  ],
})
await consumer.consume()

const consume = connection.ensure(async () => {
  for (;;) {
    try {
      await connection.drainEvents({ timeoutMs: 1_000 })
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw error
    }
  }
})
await consume()
