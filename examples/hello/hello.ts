import { Connection, Queue } from '@dashi/messaging'

const [url = 'sqla+sqlite:///examples.db'] = process.argv.slice(2)

await using connection = new Connection(url)
const queue = new Queue('hello')

await connection.producer().publish({ hello: 'world' }, { routingKey: 'hello', declare: [queue] })

for await (const message of connection.consume(queue)) {
  console.log(message.payload)
  message.ack()
  break
}
