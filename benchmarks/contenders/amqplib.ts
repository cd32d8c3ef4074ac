/** amqplib: a confirm channel for publishing, a channel with a prefetch limit for consuming, as its guide shows. */
import { body, type Contender, type Keeping, pump } from '../contender.ts'
import { peerModule } from '../peer-modules.ts'

interface Delivery {
  readonly content: Buffer
}

interface ChannelLike {
  assertQueue(queue: string, options: object): Promise<unknown>
  checkQueue(queue: string): Promise<unknown>
  prefetch(count: number): Promise<unknown>
  consume(queue: string, listener: (message: Delivery | null) => void): Promise<unknown>
  ack(message: Delivery): void
  publish(
    exchange: string,
    routingKey: string,
    content: Buffer,
    options: object,
    confirmed: (error: Error | null) => void,
  ): boolean
}

interface ModelLike {
  createConfirmChannel(): Promise<ChannelLike>
  createChannel(): Promise<ChannelLike>
  close(): Promise<void>
}

interface Amqplib {
  readonly connect: (url: string, socketOptions: object) => Promise<ModelLike>
}

const queue = 'bench'

/** On an AMQP URL. */
export async function makeContender(
  url: string,
  { isPersistent = true }: Keeping,
): Promise<Contender> {
  const { connect } = await peerModule<Amqplib>('amqplib')
  const model = await connect(url, { noDelay: true })
  const channel = await model.createConfirmChannel()
  await channel.assertQueue(queue, { durable: true })
  const options = {
    contentType: 'application/json',
    persistent: isPersistent,
    mandatory: true,
  }
  const publish = () =>
    new Promise<void>((resolve, reject) => {
      const content = Buffer.from(JSON.stringify(body))
      channel.publish('', queue, content, options, (error) => (error ? reject(error) : resolve()))
    })
  return {
    publish: (count, inFlight) => pump(count, inFlight, publish),
    drain: async (count, concurrency, onSettled) => {
      const consuming = await model.createChannel()
      await consuming.prefetch(concurrency)
      const done = Promise.withResolvers<void>()
      let left = count
      await consuming.consume(queue, (message) => {
        if (message === null) return done.reject(new Error('The queue is gone'))
        JSON.parse(message.content.toString())
        consuming.ack(message)
        onSettled()
        left -= 1
        if (left === 0) done.resolve()
      })
      await done.promise
      // Answered behind everything that was acknowledged.
      await consuming.checkQueue(queue)
    },
    close: () => model.close(),
  }
}
