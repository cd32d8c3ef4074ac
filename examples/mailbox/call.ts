import { inspect } from 'node:util'
import { Connection, Mailbox } from '@dashi/messaging'

const [url = 'sqla+sqlite:///examples.db'] = process.argv.slice(2)

await using connection = new Connection(url)
const mailbox = new Mailbox('control', { type: 'fanout', connection })

// To all, and whoever answers in time; two answers are enough.
const pongs = await mailbox.multiCall('ping', {}, { limit: 2, timeoutMs: 5_000 })
console.log('multiCall:', inspect(Object.assign({}, ...pongs), { sorted: true }))

// To one, by name. Waits for its answer.
console.log('call:', await mailbox.call(['worker-1'], 'set_level', { level: 'debug' }))

// What a handler throws is its answer, and so is that there is no such handler.
console.log('call:', await mailbox.call(['worker-2'], 'set_level', {}))
console.log('call:', inspect(await mailbox.call(['worker-2'], 'shutdwon'), { breakLength: 200 }))

// To those whose name fits.
const answers = await mailbox.broadcast('ping', {}, { pattern: '*-2', reply: true, limit: 1 })
console.log('pattern:', answers)

// No answer wanted.
await mailbox.cast(['worker-1'], 'set_level', { level: 'info' })
