import { Connection, Mailbox } from '@dashi/messaging'

const [url = 'sqla+sqlite:///examples.db', type] = process.argv.slice(2)

await using connection = new Connection(url)
const mailbox = new Mailbox('testMailbox', { type: type === 'fanout' ? type : 'direct' })
const bound = mailbox.bind(connection)
await bound.broadcast('print_msg', { msg: 'Message for you' })
