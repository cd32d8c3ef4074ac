/** How RabbitMQ behaves where brokers differ, so that the documentation stays true. */
import { Connection, Queue } from '@dashi/messaging'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RabbitmqServer, startRabbitmq } from '../../../tools/brokers/rabbitmq.ts'

let server: RabbitmqServer

beforeAll(async () => {
  server = await startRabbitmq()
}, 60_000)

afterAll(async () => {
  await server[Symbol.asyncDispose]()
})

const options = { operationTimeoutMs: 60_000 }
const queueName = () => `facts.${crypto.randomUUID()}`

async function send(connection: Connection, queue: Queue, bodies: readonly unknown[]) {
  const routingKey = queue.name
  const producer = connection.producer()
  await Promise.all(bodies.map((body) => producer.publish(body, { routingKey, declare: [queue] })))
}

async function drain(connection: Connection, queue: Queue): Promise<readonly unknown[]> {
  const bodies: unknown[] = []
  for (;;) {
    const message = await connection.defaultChannel.get(queue.name, { noAck: true })
    if (message === undefined) return bodies
    bodies.push(message.payload)
  }
}

test('a requeued message goes back to its place', async () => {
  await using connection = new Connection(server.url, options)
  const queue = new Queue(queueName(), { exclusive: true, maxPriority: 9 })
  await send(connection, queue, [1, 2, 3])
  const channel = connection.defaultChannel
  const held = [
    await channel.get(queue.name),
    await channel.get(queue.name),
    await channel.get(queue.name),
  ]
  for (const message of held) message?.requeue()
  await channel.settled()
  expect(await drain(connection, queue)).toEqual([1, 2, 3])
})

test('a letter without a place to go is dropped', async () => {
  await using connection = new Connection(server.url, options)
  const queueArguments = { 'x-dead-letter-exchange': 'facts.missing' }
  const queue = new Queue(queueName(), { exclusive: true, queueArguments })
  await send(connection, queue, [1])
  const message = await connection.defaultChannel.get(queue.name)
  message?.reject()
  await message?.settled()
  expect(await drain(connection, queue)).toEqual([])
})

test('what was confirmed outlives kill -9; what was held comes back, marked', async () => {
  await using connection = new Connection(server.url, options)
  const queue = new Queue(queueName())
  await send(connection, queue, [1, 2, 3, 4])
  const held = await connection.defaultChannel.get(queue.name)
  expect(held?.payload).toBe(1)
  const back = new Promise((resolve) => connection.on('connected', resolve))
  await server.process.kill()
  await server.process.start()
  await back
  expect(held?.signal.aborted).toBe(true)
  const again = await connection.defaultChannel.get(queue.name)
  expect(again).toMatchObject({ payload: 1, redelivered: true })
  again?.ack()
  expect(await drain(connection, queue)).toEqual([2, 3, 4])
  await queue.delete(connection.defaultChannel)
}, 90_000)

test('what was confirmed outlives the process that published it', async () => {
  await using connection = new Connection(server.url, options)
  const queue = new Queue(queueName())
  const publisher = new Connection(server.url, options)
  await send(publisher, queue, [1, 2])
  publisher.collect()
  await publisher.close()
  expect(await drain(connection, queue)).toEqual([1, 2])
  await queue.delete(connection.defaultChannel)
})

test('the default exchange makes no queues', async () => {
  await using connection = new Connection(server.url, options)
  const publishing = connection.producer().publish(1, { routingKey: queueName() })
  await expect(publishing).rejects.toMatchObject({ code: 'UNROUTABLE' })
})
