/** What becomes of messages that a queue gives up. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Connection, type Exchange, Queue } from '@dashi/messaging'
import { type Case, type CaseGroup, full, type Subject } from '../case.ts'
import { eventually } from '../stage/eventually.ts'
import type { Stage } from '../stage/stage.ts'

export const deadLetterCases: CaseGroup = {
  name: 'dead letters',
  cases: (subject) => (subject.capabilities.deadLetters ? lettered(subject) : [ignored]),
}

const ignored: Case = full(
  'a queue’s dead-letter exchange is ignored: rejected is gone',
  async (stage) => {
    const { connection, queue, letters } = await queueWithLetters(stage)
    await stage.send(connection, queue, [1])
    const message = await stage.get(connection, queue)
    message.reject()
    await message.settled()
    stage.expect(await stage.drain(connection, letters)).toEqual([])
  },
)

function lettered({ capabilities, setup }: Subject): readonly Case[] {
  const withoutExchange = setup.lettersWithoutExchange === 'dropped' ? dropped : kept
  return [...rejected, withoutExchange, ...(capabilities.messageTtl ? expired : [])]
}

const rejected: readonly Case[] = [
  full('a rejected message goes to the dead-letter exchange, with its history', async (stage) => {
    const { connection, queue, letters, exchange } = await queueWithLetters(stage)
    const options = { headers: { own: 1 }, correlationId: 'c', contentType: 'application/x-own' }
    await stage.sendWith(connection, queue, { bodies: ['body'], ...options })
    const message = await stage.get(connection, queue)
    message.reject()
    await message.settled()

    const letter = await stage.get(connection, letters)
    stage.expect(Buffer.from(letter.body).toString()).toBe('body')
    stage.expect(letter.contentType).toBe('application/x-own')
    stage.expect(letter.properties).toMatchObject({ correlationId: 'c' })
    stage.expect(letter.deliveryInfo).toMatchObject({ exchange: exchange.name, routingKey: 'dead' })
    stage.expect(letter.headers).toMatchObject({
      own: 1,
      'x-first-death-queue': queue.name,
      'x-first-death-reason': 'rejected',
      'x-first-death-exchange': '',
      'x-death': [
        { queue: queue.name, reason: 'rejected', count: 1, 'routing-keys': [queue.name] },
      ],
    })
    stage.expect(await stage.count(connection, queue)).toBe(0)
  }),

  full('requeued messages are not dead', async (stage) => {
    const { connection, queue, letters } = await queueWithLetters(stage)
    await stage.send(connection, queue, [1])
    const message = await stage.get(connection, queue)
    message.requeue()
    await message.settled()
    stage.expect(await stage.drain(connection, letters)).toEqual([])
    stage.expect(await stage.drain(connection, queue)).toEqual([1])
  }),

  full('deaths are counted per queue and reason', async (stage) => {
    const { connection, queue, letters } = await queueWithLetters(stage)
    await stage.send(connection, queue, [1])
    for (let round = 0; round < 2; round += 1) {
      const message = await stage.get(connection, queue)
      message.reject()
      await message.settled()
      const letter = await stage.get(connection, letters)
      letter.ack()
      await stage.sendWith(connection, queue, { bodies: [letter.payload], headers: letter.headers })
    }
    const message = await stage.get(connection, queue)
    stage.expect(message.headers['x-death']).toMatchObject([{ queue: queue.name, count: 2 }])
  }),

  full(
    'a letter comes before the message goes: closing in between loses nothing',
    async (stage) => {
      const { connection, queue, letters } = await queueWithLetters(stage)
      await stage.send(connection, queue, [1])
      const message = await stage.get(connection, queue)
      message.reject()
      await connection.close()
      const other = stage.connect()
      stage.expect(await stage.drain(other, queue)).toEqual([])
      stage.expect(await stage.drain(other, letters)).toEqual([1])
    },
  ),

  full('a rejected message that cannot be read is lettered as it is', async (stage) => {
    const { connection, queue, letters } = await queueWithLetters(stage)
    const options = { contentType: 'application/json', contentEncoding: 'utf-8' }
    await stage.sendWith(connection, queue, { bodies: ['{not json'], ...options })
    const message = await stage.get(connection, queue)
    message.reject()
    await message.settled()
    const letter = await stage.get(connection, letters)
    stage.expect(Buffer.from(letter.body).toString()).toBe('{not json')
  }),
]

const kept: Case = full(
  'a message whose letter has no place to go stays in its queue, without a storm',
  async (stage) => {
    const connection = stage.connect()
    const warnings: Error[] = []
    connection.on('warning', ({ error }) => warnings.push(error))
    const queue = queueWithoutLetters(stage)
    await stage.send(connection, queue, [1])
    const { inbox, consumer } = await stage.consume(connection, queue, {
      settle: (m) => m.reject(),
    })
    await inbox.arrived(1)
    await sleep(200)
    stage.expect(inbox.messages.length).toBeLessThan(10)
    stage.expect(warnings.length).toBeGreaterThan(0)
    await consumer.close()
    stage.expect(await stage.drain(connection, queue)).toEqual([1])
  },
)

const dropped: Case = full(
  'a message whose letter has no place to go is dropped by the broker',
  async (stage) => {
    const connection = stage.connect()
    const queue = queueWithoutLetters(stage)
    await stage.send(connection, queue, [1])
    const message = await stage.get(connection, queue)
    message.reject()
    await message.settled()
    stage.expect(await stage.drain(connection, queue)).toEqual([])
  },
)

function queueWithoutLetters(stage: Stage): Queue {
  const missing = { 'x-dead-letter-exchange': stage.name('missing') }
  return stage.queue({ queueArguments: missing })
}

const expired: readonly Case[] = [
  full('an expired message is lettered with its reason, without its expiration', async (stage) => {
    const { connection, queue, letters } = await queueWithLetters(stage)
    await stage.sendWith(connection, queue, { bodies: [1], expirationMs: 20 })
    await sleep(60)
    await stage.consume(connection, queue)
    await eventually(async () => (await stage.count(connection, letters)) === 1, {
      what: 'The arrival of a dead letter',
    })
    const letter = await stage.get(connection, letters)
    stage.expect(letter.properties.expiration).toBeUndefined()
    stage.expect(letter.headers).toMatchObject({ 'x-first-death-reason': 'expired' })
  }),
]

interface Lettered {
  readonly connection: Connection
  readonly queue: Queue
  readonly letters: Queue
  readonly exchange: Exchange
}

async function queueWithLetters(stage: Stage): Promise<Lettered> {
  const connection = stage.connect()
  const exchange = stage.exchange('direct')
  const letters = stage.queue({ exchange, routingKey: 'dead' })
  const queue = new Queue(stage.queue().name, {
    queueArguments: {
      'x-dead-letter-exchange': exchange.name,
      'x-dead-letter-routing-key': 'dead',
    },
  })
  await stage.declare(connection, letters, queue)
  return { connection, queue, letters, exchange }
}
