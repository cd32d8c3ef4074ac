import { Connection, Exchange, Queue } from '@dashi/messaging'

const [url = 'redis://localhost:6379/0'] = process.argv.slice(2)

const greetings = new Exchange('greetings', { type: 'topic' })
const queue = new Queue('greetings', { exchange: greetings, routingKey: 'greeting.#' })

await using connection = new Connection(url)
for await (const message of connection.consume(queue)) {
  console.log(`${message.deliveryInfo.routingKey}: ${JSON.stringify(message.payload)}`)
  console.log(`language: ${message.headers['language']}`)
  message.ack()
  break
}
