import { once } from 'node:events'
import { Connection, WorkerRegistry } from '@dashi/messaging'

const [url = 'sqla+sqlite:///examples.db', ttlS = '15'] = process.argv.slice(2)

await using connection = new Connection(url)
await using registry = new WorkerRegistry(connection, { ttlMs: Number(ttlS) * 1000 })

const list = () => registry.workers().map(({ ip }) => ip)
registry.on('joined', ({ worker }) => {
  console.log(`[+] Discovered worker: ${worker.ip} offers [${worker.capabilities.join(', ')}]`)
})
registry.on('left', ({ worker, reason }) => {
  console.log(`[-] Worker ${worker.ip} left (${reason})`)
  console.log(`Current Online: [${list().join(', ')}]`)
})

await registry.start()
console.log('[*] Proxy is listening for heartbeats...')

// Waits for a worker that offers it. If that one dies over it, another gets the call.
const length = await registry.dispatch('gpu.length', [3, 4], { idempotent: true })
console.log(`The length of [3, 4] is ${length}`)

await registry.dispatch('gpu.length', 'no vector').catch((error: Error) => {
  console.log(error.message)
})

await once(process, 'SIGINT')
console.log('Exit.')
