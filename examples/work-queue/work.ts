import { setTimeout as sleep } from 'node:timers/promises'
import { Connection, Queue } from '@dashi/messaging'

const [url = 'sqla+sqlite:///examples.db', name = 'a', workMs = '1000'] = process.argv.slice(2)

// A worker that dies is noticed after leaseMs. However long its work takes, it is renewed while it lives.
await using connection = new Connection(url, { transportOptions: { leaseMs: 3_000 } })
const tasks = connection.consume(new Queue('tasks'), { prefetchCount: 1 })
process.once('SIGINT', () => tasks.return())

await tasks.start()
console.log(`[${name}] is process ${process.pid}`)

for await (const message of tasks) {
  const again = message.redelivered ? ', which was begun before' : ''
  console.log(`[${name}] begins ${message.payload}${again}`)
  await sleep(Number(workMs))
  message.ack()
  console.log(`[${name}] finished ${message.payload}`)
}
