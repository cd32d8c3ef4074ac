import { expect, test } from 'vitest'
import { Connection } from '../connection.ts'
import { Queue } from '../entity/queue.ts'
import { ConnectionError, LeaseLostError } from '../errors.ts'
import { memory } from '../memory/memory.ts'
import type { Message } from '../message/message.ts'

/** Two messages, delivered and not settled yet. */
async function twoDeliveries(connection: Connection): Promise<readonly [Message, Message]> {
  const queue = new Queue('orders')
  await queue.declare(connection.defaultChannel)
  const producer = connection.producer({ routingKey: 'orders' })
  await Promise.all([producer.publish('first'), producer.publish('second')])
  const first = await connection.defaultChannel.get('orders')
  const second = await connection.defaultChannel.get('orders')
  if (first === undefined || second === undefined) throw new Error('Not delivered')
  return [first, second]
}

test('an acknowledgement that was on its way when the connection went is not said to be known', async () => {
  await using connection = new Connection(memory())
  const [first, second] = await twoDeliveries(connection)

  first.ack()
  second.ack()
  connection.collect()
  await connection.ready()

  await expect(first.settled()).rejects.toThrow(ConnectionError)
})

test('everybody who waits learns that an acknowledgement failed, not the first one only', async () => {
  await using connection = new Connection(memory())
  const [first, second] = await twoDeliveries(connection)

  first.ack()
  second.ack()
  connection.collect()
  const answers = await Promise.allSettled([first.settled(), second.settled()])

  expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
})

test('an acknowledgement after the connection went is late, for everybody who waits', async () => {
  await using connection = new Connection(memory())
  const [first, second] = await twoDeliveries(connection)

  connection.collect()
  await connection.ready()
  first.ack()
  second.ack()
  const answers = await Promise.allSettled([first.settled(), second.settled()])

  for (const answer of answers) {
    expect(answer).toMatchObject({ status: 'rejected', reason: expect.any(LeaseLostError) })
  }
})

test('a channel is not told of what another one settled, and does not keep that from it', async () => {
  await using connection = new Connection(memory())
  const [first] = await twoDeliveries(connection)
  const other = connection.channel()
  await connection.producer({ routingKey: 'orders' }).publish('third')
  const third = await other.get('orders')

  first.ack()
  connection.collect()
  const answers = await Promise.allSettled([third?.settled(), first.settled()])

  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
})
