import { Connection, Exchange, Queue } from '@dashi/messaging'

const [url = 'amqp://guest:guest@localhost:5672', text = 'hello world'] = process.argv.slice(2)

const hello = new Exchange('hello')
const world = new Queue('world', { exchange: hello, routingKey: 'test' })

await using connection = new Connection(url)
await connection
  .producer({ exchange: hello })
  .publish(text, { routingKey: 'test', declare: [world] })
console.log(`sent ${text}`)
