import {
  Connection,
  type Consumer,
  type ConsumerFactory,
  ConsumerService,
  type Message,
  Queue,
} from '@dashi/messaging'

const [urls = 'redis://localhost:6399;sqla+sqlite:///examples.db'] = process.argv.slice(2)

class C extends ConsumerService {
  override getConsumers(consumer: ConsumerFactory): readonly Consumer[] {
    return [
      consumer({
        queues: [new Queue('queue', { routingKey: 'queue' })],
        callbacks: [this.onMessage],
        accept: ['json'],
      }),
    ]
  }

  override onConsumeReady(connection: Connection): void {
    console.log(`connected to ${connection.asUri()}`)
  }

  readonly onMessage = (body: unknown, message: Message): void => {
    console.log('RECEIVED MESSAGE:', body)
    message.ack()
  }
}

const interrupt = new AbortController()
process.once('SIGINT', () => interrupt.abort())

await using connection = new Connection(urls)
await new C(connection).run({ signal: interrupt.signal })
