import { once } from 'node:events'
import { Connection, Mailbox } from '@dashi/messaging'

const [url = 'sqla+sqlite:///examples.db', hostname = 'worker-1'] = process.argv.slice(2)

await using connection = new Connection(url)
const mailbox = new Mailbox('control', { type: 'fanout', connection })
const node = mailbox.node(hostname, {
  state: { startedAt: Date.now(), level: 'info' },
  handlers: {
    ping: () => 'pong',

    set_level: (state, { level }) => {
      if (typeof level !== 'string') throw new TypeError('set_level needs a level')
      state.level = level
      return { ok: `level is ${level}` }
    },
  },
})

await using _consumer = await node.listen()
console.log(`${hostname} is listening`)
await once(process, 'SIGINT')
