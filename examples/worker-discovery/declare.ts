import { Connection, Exchange, MessagingError, Queue } from '@dashi/messaging'

const [url = 'sqla+sqlite:///examples.db'] = process.argv.slice(2)
const heartbeats = new Exchange('worker_discovery', { type: 'fanout' })

/** Three right ways to publish to an exchange, and two that Kombu gets wrong. */
const ways: Readonly<Record<string, (connection: Connection) => Promise<void>>> = {
  'declare: [exchange]': (connection) =>
    connection.producer().publish('beat', { exchange: heartbeats, declare: [heartbeats] }),

  'a producer of the exchange': (connection) =>
    connection.producer({ exchange: heartbeats }).publish('beat'),

  'exchange.declare(), then publish': async (connection) => {
    await heartbeats.declare(connection.channel())
    await connection.producer().publish('beat', { exchange: heartbeats })
  },

  'the exchange, without declare': (connection) =>
    connection.producer().publish('beat', { exchange: heartbeats }),

  'the name of the exchange only': (connection) =>
    connection.producer().publish('beat', { exchange: heartbeats.name }),
}

await using proxy = new Connection(url)
const queue = new Queue('example', { exchange: heartbeats, exclusive: true })
const received = proxy.consume(queue)
await received.start()

for (const [name, publish] of Object.entries(ways)) {
  // A connection each, so that none profits from what another has declared.
  await using worker = new Connection(url)
  try {
    await publish(worker)
    const { value: message } = await received.next()
    message?.ack()
    console.log(`${name}: arrived`)
  } catch (error) {
    if (!MessagingError.is(error)) throw error
    console.log(`${name}: refused, ${error.code}`)
  }
}
