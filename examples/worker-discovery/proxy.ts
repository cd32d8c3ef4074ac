import { Connection, Exchange, Queue, TimeoutError } from '@dashi/messaging'

const [url = 'sqla+sqlite:///examples.db', ttlS = '15'] = process.argv.slice(2)
const ttlMs = Number(ttlS) * 1000

await using connection = new Connection(url)
const activeWorkers = new Map<string, number>()
const heartbeats = new Exchange('worker_discovery', { type: 'fanout' })
const queue = new Queue('example', { exchange: heartbeats, exclusive: true })

const consumer = connection.consumer({
  queues: [queue],
  callbacks: [
    (body, message) => {
      const { ip, ts } = body as { ip: string; ts: number } // what worker.ts sends
      activeWorkers.set(ip, ts)
      console.log(`[+] Discovered/Updated worker: ${ip}`)
      message.ack()
    },
  ],
})
await consumer.consume()
console.log('[*] Proxy is listening for heartbeats...')

let isInterrupted = false
process.once('SIGINT', () => {
  isInterrupted = true
})

let lastCheckMs = Date.now()
while (!isInterrupted) {
  try {
    await connection.drainEvents({ timeoutMs: Math.min(1_000, ttlMs / 3) })
  } catch (error) {
    // Workers are looked after also when no message comes.
    if (!(error instanceof TimeoutError)) throw error
  }
  if (Date.now() - lastCheckMs > ttlMs / 3) {
    dropSilentWorkers()
    console.log(`Current Online: [${[...activeWorkers.keys()].join(', ')}]`)
    lastCheckMs = Date.now()
  }
}
console.log('Exit.')

function dropSilentWorkers(): void {
  for (const [ip, ts] of activeWorkers) {
    if (Date.now() - ts * 1000 <= ttlMs) continue
    activeWorkers.delete(ip)
    console.log(`[-] Worker ${ip} timed out.`)
  }
}
