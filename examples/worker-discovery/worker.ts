import { setTimeout as sleep } from 'node:timers/promises'
import { Connection, Exchange } from '@dashi/messaging'

const [url = 'sqla+sqlite:///examples.db', intervalS = '5'] = process.argv.slice(2)

await using connection = new Connection(url)
const heartbeats = new Exchange('worker_discovery', { type: 'fanout' })
const producer = connection.producer()
const workerIp = '127.0.0.1'
console.log(`[*] Worker ${workerIp} started...`)

for (;;) {
  const payload = { ip: workerIp, ts: Date.now() / 1000 }
  await producer.publish(payload, {
    exchange: heartbeats,
    declare: [heartbeats],
    serializer: 'json',
  })
  console.log(`[#] Heartbeat sent: ${new Date().toLocaleString()}`)
  await sleep(Number(intervalS) * 1000)
}
