/** Messages that are worthless after a time, where the transport knows of it. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Case, type CaseGroup, full } from '../case.ts'

const shortMs = 30
const overMs = 80

export const ttlCases: CaseGroup = {
  name: 'ttl',
  cases: ({ capabilities }) => (capabilities.messageTtl ? expiring : [ignored]),
}

const ignored: Case = full('expiration is carried and does nothing', async (stage) => {
  const queue = stage.queue()
  const connection = stage.connect()
  await stage.sendWith(connection, queue, { bodies: [1], expirationMs: shortMs })
  await sleep(overMs)
  stage.expect((await stage.get(connection, queue)).properties.expiration).toBe(String(shortMs))
})

const expiring: readonly Case[] = [
  full('an expired message is not delivered, and its neighbours are', async (stage) => {
    const queue = stage.queue()
    const connection = stage.connect()
    await stage.send(connection, queue, ['before'])
    await stage.sendWith(connection, queue, { bodies: ['expired'], expirationMs: shortMs })
    await stage.sendWith(connection, queue, { bodies: ['after'], expirationMs: 60_000 })
    await sleep(overMs)
    const { inbox } = await stage.consume(connection, queue, { settle: (m) => m.ack() })
    await inbox.arrived(2)
    await inbox.staysAt(2)
    stage.expect(inbox.bodies).toEqual(['before', 'after'])
  }),

  full('get() passes over an expired message', async (stage) => {
    const queue = stage.queue()
    const connection = stage.connect()
    await stage.sendWith(connection, queue, { bodies: [1, 2], expirationMs: shortMs })
    await stage.send(connection, queue, [3])
    await sleep(overMs)
    stage.expect((await stage.get(connection, queue)).payload).toBe(3)
    stage.expect(await connection.defaultChannel.get(queue.name)).toBeUndefined()
  }),

  full('a message that is taken in time is the consumer’s for good', async (stage) => {
    const queue = stage.queue()
    const connection = stage.connect()
    await stage.sendWith(connection, queue, { bodies: [1], expirationMs: 2_000 })
    const message = await stage.get(connection, queue)
    message.ack()
    await message.settled()
    stage.expect(message.payload).toBe(1)
  }),

  full(
    'x-message-ttl of a queue holds for all its messages; the shorter time counts',
    async (stage) => {
      const queue = stage.queue({ messageTtlMs: 2_000 })
      const short = stage.queue({ messageTtlMs: shortMs })
      const connection = stage.connect()
      await stage.sendWith(connection, queue, { bodies: ['own'], expirationMs: shortMs })
      await stage.send(connection, queue, ['stays'])
      await stage.sendWith(connection, short, { bodies: ['queue'], expirationMs: 60_000 })
      await sleep(overMs)
      stage.expect(await stage.drain(connection, queue)).toEqual(['stays'])
      stage.expect(await stage.drain(connection, short)).toEqual([])
    },
  ),
]
