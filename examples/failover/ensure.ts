import { Connection, Queue } from '@dashi/messaging'

const [urls = 'redis://localhost:6399;sqla+sqlite:///examples.db'] = process.argv.slice(2)

await using connection = new Connection(urls, { connectTimeoutMs: 2_000 })
const producer = connection.producer()

const publish = connection.ensure(producer.publish.bind(producer), {
  maxRetries: 3,
  errback: (error, intervalMs) => {
    console.log(`Error: ${error.message}`)
    console.log(`Retry in ${intervalMs / 1000} seconds.`)
  },
})
await publish({ hello: 'world' }, { routingKey: 'queue', declare: [new Queue('queue')] })
console.log(`published to ${connection.asUri()}`)
