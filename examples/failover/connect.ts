import { Connection } from '@dashi/messaging'

const [urls = 'redis://localhost:6399;sqla+sqlite:///examples.db'] = process.argv.slice(2)

await using connection = new Connection(urls)
await connection.connect()
console.log(`${connection}`)
