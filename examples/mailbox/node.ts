import { Connection, Mailbox } from '@dashi/messaging'

const [url = 'sqla+sqlite:///examples.db', type, hostname = 'localhost'] = process.argv.slice(2)

await using connection = new Connection(url)
const mailbox = new Mailbox('testMailbox', { type: type === 'fanout' ? type : 'direct' })
const node = mailbox.bind(connection).node(hostname, { state: { a: 'b' } })

const interrupt = new AbortController()
process.once('SIGINT', () => interrupt.abort())
const { signal } = interrupt

await using _consumer = await node.listen({
  callback: (body, message) => {
    console.log(body)
    console.log(message.deliveryInfo)
  },
})
try {
  for (;;) {
    console.log('Consumer Waiting')
    await connection.drainEvents({ signal })
  }
} catch (error) {
  if (!signal.aborted) throw error
}
