import { Connection, Queue } from '@dashi/messaging'

const [urls = 'redis://localhost:6399;sqla+sqlite:///examples.db'] = process.argv.slice(2)

await using connection = new Connection(urls)
await connection.connect()
const queue = new Queue('test_queue')

const declare = connection.autoretry((channel) => queue.declare(channel))
console.log(await declare())
