/** The program of a child process: see `ChildOrders`. */
import { Connection, Exchange, type Message, Queue, reasonOf } from '@dashi/messaging'
import type { ChildAnswer, ChildOrders } from './orders.ts'

const orders: ChildOrders = JSON.parse(process.argv[2] ?? '')

function say(answer: ChildAnswer): void {
  process.send?.(answer)
}

async function hold(connection: Connection, count: number): Promise<readonly Message[]> {
  const messages: Message[] = []
  const full = Promise.withResolvers<void>()
  const consumer = connection.consumer({
    queues: new Queue(orders.queue),
    prefetchCount: count,
    onMessage: (message) => {
      messages.push(message)
      if (messages.length === count) full.resolve()
    },
  })
  await consumer.consume()
  await full.promise
  say({ kind: 'held', bodies: messages.map((message) => message.payload) })
  return messages
}

async function block(connection: Connection, count: number, blockMs: number): Promise<void> {
  const messages = await hold(connection, count)
  // The answer has to be on its way before nothing runs any more.
  await new Promise((resolve) => setTimeout(resolve, 50))
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, blockMs)
  for (const message of messages) message.ack()
  const error = await messages[0]?.settled().then(() => undefined, reasonOf)
  say({ kind: 'settled', error })
}

async function publish(connection: Connection, count: number): Promise<void> {
  const producer = connection.producer()
  const bodies = Array.from({ length: count }, (_, index) => index)
  const to = { routingKey: orders.queue, declare: [new Queue(orders.queue)] }
  await Promise.all(bodies.map((body) => producer.publish(body, to)))
  say({ kind: 'published' })
}

async function leave(connection: Connection): Promise<void> {
  const exchange = new Exchange(`${orders.queue}.fanout`, { type: 'fanout' })
  const queues = [
    new Queue(orders.queue),
    new Queue(`${orders.queue}.broadcasts`, { exchange, autoDelete: true }),
  ]
  const stream = connection.consume(queues)
  await stream.start()
  await connection.producer().publish('x', { routingKey: orders.queue })
  const { value } = await stream.next()
  value?.ack()
  const waiting = stream.next()
  await connection.defaultChannel.deleteExchange(exchange.name)
  await connection.close()
  await waiting
  say({ kind: 'left' })
}

async function obey(): Promise<void> {
  const { url, transportOptions, task } = orders
  const connection = new Connection(url, { transportOptions })
  switch (task.name) {
    case 'hold':
      await hold(connection, task.count)
      break
    case 'block':
      await block(connection, task.count, task.blockMs)
      break
    case 'publish':
      await publish(connection, task.count)
      break
    default:
      await leave(connection)
  }
}

await obey()
