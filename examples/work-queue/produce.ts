import { Connection, Queue } from '@dashi/messaging'

const [url = 'sqla+sqlite:///examples.db', count = '6'] = process.argv.slice(2)

await using connection = new Connection(url)
const tasks = new Queue('tasks')
const producer = connection.producer({ routingKey: tasks.name })

const publishing = Array.from({ length: Number(count) }, (_, index) =>
  producer.publish(`task ${index + 1}`, { declare: [tasks] }),
)
await Promise.all(publishing)
console.log(`published ${count} tasks`)
