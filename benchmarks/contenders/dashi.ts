/** Ourselves: envelopes, leases, confirmed publishes, acknowledgement after the handler. */
import { Connection, Queue } from '@dashi/messaging'
import { body, type Contender, type Keeping, pump } from '../contender.ts'

const queue = new Queue('bench')

/** On any URL of ours. */
export async function makeContender(
  url: string,
  { isPersistent = true }: Keeping,
): Promise<Contender> {
  const connection = await new Connection(url).connect()
  await queue.declare(connection.defaultChannel)
  const producer = connection.producer({ routingKey: queue.name })
  const options = isPersistent ? undefined : { deliveryMode: 1 as const }
  return {
    publish: (count, inFlight) => pump(count, inFlight, () => producer.publish(body, options)),
    drain: (count, concurrency, onSettled) => drain(connection, { count, concurrency, onSettled }),
    close: () => connection.close(),
  }
}

interface Drain {
  readonly count: number
  readonly concurrency: number
  readonly onSettled: () => void
}

async function drain(
  connection: Connection,
  { count, concurrency, onSettled }: Drain,
): Promise<void> {
  const done = Promise.withResolvers<void>()
  let left = count
  await using consumer = connection.consumer({
    queues: [queue],
    prefetchCount: concurrency,
    callbacks: [
      (_body, message) => {
        message.ack()
        onSettled()
        left -= 1
        if (left === 0) done.resolve()
      },
    ],
  })
  await consumer.consume()
  await done.promise
  await consumer.channel.settled()
}
