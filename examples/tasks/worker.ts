import { once } from 'node:events'
import { consoleLogger, Worker } from '@dashi/tasks'
import { app } from './app.ts'

const worker = new Worker(app, { concurrency: 10, logger: consoleLogger({ level: 'WARNING' }) })
await worker.start()
console.log('ready')

await once(process, 'SIGTERM')
await worker.stop('warm')
await app.close()
