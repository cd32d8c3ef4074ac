import { once } from 'node:events'
import { announce, Connection } from '@dashi/messaging'

const [url = 'sqla+sqlite:///examples.db', ip = '127.0.0.1', intervalS = '5'] =
  process.argv.slice(2)

await using connection = new Connection(url)
await using worker = await announce(connection, {
  ip,
  heartbeatMs: Number(intervalS) * 1000,
  handlers: { 'gpu.length': length },
})
console.log(`[*] Worker ${worker.ip} offers ${worker.capabilities.join(', ')}`)
await once(process, 'SIGINT')
console.log('[*] Goodbye')

/** Stands for work that needs the GPU: the length of a vector. */
function length(vector: unknown): number {
  if (!Array.isArray(vector)) throw new TypeError('gpu.length takes a list of numbers')
  console.log(`[#] Computing the length of [${vector.join(', ')}]`)
  return Math.hypot(...vector)
}
