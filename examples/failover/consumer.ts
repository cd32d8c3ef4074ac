import { Connection, Queue } from '@dashi/messaging'

const [urls = 'redis://localhost:6399;sqla+sqlite:///examples.db'] = process.argv.slice(2)

await using connection = new Connection(urls)
connection.on('connected', ({ url }) => console.log(`connected to ${url}`))

for await (const message of connection.consume(new Queue('queue', { routingKey: 'queue' }))) {
  console.log(message.payload)
  message.ack()
}
