import { setTimeout as sleep } from 'node:timers/promises'
import { Connection, Queue } from '@dashi/messaging'

const [urls = 'redis://localhost:6399;sqla+sqlite:///examples.db', count = '3'] =
  process.argv.slice(2)

await using connection = new Connection(urls)
const producer = connection.producer()
const queue = new Queue('queue', { routingKey: 'queue' })
const options = { routingKey: 'queue', declare: [queue], retry: true }

for (let number = 1; number <= Number(count); number += 1) {
  await producer.publish({ hello: 'world', number }, options)
  console.log(`published ${number} to ${connection.asUri()}`)
  await sleep(500)
}
