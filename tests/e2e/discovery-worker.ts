/** A worker process: `discovery-worker.ts URL NAME`. Says what it does on the channel to its parent. */
import { announce, Connection } from '@dashi/messaging'

const [url = '', ip = ''] = process.argv.slice(2)
const connection = new Connection(url)
const announcement = await announce(connection, {
  ip,
  heartbeatMs: 100,
  handlers: {
    pid: () => process.pid,
    hang: async (n) => {
      process.send?.({ begun: n })
      await new Promise(() => undefined)
    },
    finish: (n) => `${ip} did ${n}`,
  },
})
process.on('message', async () => {
  await announcement.close()
  await connection.close()
  process.disconnect()
})
process.send?.({ ready: ip })
