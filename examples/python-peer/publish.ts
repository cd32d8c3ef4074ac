import { Connection, Exchange, Queue } from '@dashi/messaging'

const [url = 'redis://localhost:6379/0', name = 'TypeScript'] = process.argv.slice(2)

const greetings = new Exchange('greetings', { type: 'topic' })
const queue = new Queue('greetings', { exchange: greetings, routingKey: 'greeting.#' })

await using connection = new Connection(url)
await connection
  .producer({ exchange: greetings })
  .publish(
    { from: name, words: ['héllo', '你好'], count: 2 },
    { routingKey: 'greeting.new', headers: { language: name }, declare: [queue] },
  )
console.log('published')
