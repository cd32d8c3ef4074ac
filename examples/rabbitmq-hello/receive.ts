import { Connection, Exchange, Queue } from '@dashi/messaging'

const [url = 'amqp://guest:guest@localhost:5672'] = process.argv.slice(2)

const hello = new Exchange('hello')
const world = new Queue('world', { exchange: hello, routingKey: 'test' })

await using connection = new Connection(url)
const messages = connection.consume(world)
await messages.start()
console.log('waiting for messages')

for await (const message of messages) {
  console.log(`received ${message.payload}`)
  message.ack()
}
