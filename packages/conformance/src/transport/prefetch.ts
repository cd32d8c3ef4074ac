/** Never more unsettled messages than asked for, and never fewer than there could be. */
import { type CaseGroup, core, full } from '../case.ts'

const ten = Array.from({ length: 10 }, (_, index) => index)

export const prefetchCases: CaseGroup = {
  name: 'prefetch',
  cases: () => [
    core(
      'a consumer holds at most so many, and gets one more for each that it settles',
      async (stage) => {
        const queue = stage.queue()
        const connection = stage.connect()
        await stage.send(connection, queue, ten)
        const { inbox } = await stage.consume(connection, queue, { prefetchCount: 3 })
        await inbox.arrived(3)
        await inbox.staysAt(3)
        inbox.at(0).ack()
        await inbox.arrived(4)
        inbox.at(1).reject()
        await inbox.arrived(5)
        await inbox.staysAt(5)
        stage.expect(inbox.bodies).toEqual([0, 1, 2, 3, 4])
      },
    ),

    full('the rest stays for others', async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect()
      await stage.send(connection, queue, ten)
      const first = await stage.consume(connection, queue, { prefetchCount: 4 })
      await first.inbox.arrived(4)
      stage.expect(await stage.count(connection, queue)).toBe(6)
      const second = await stage.consume(stage.connect(), queue, { prefetchCount: 100 })
      await second.inbox.arrived(6)
      stage.expect(second.inbox.bodies).toEqual([4, 5, 6, 7, 8, 9])
    }),

    full('0 is no limit', async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect()
      const many = Array.from({ length: 400 }, (_, index) => index)
      await stage.send(connection, queue, many)
      const { inbox } = await stage.consume(connection, queue, { prefetchCount: 0 })
      await inbox.arrived(400)
      stage.expect(inbox.bodies).toEqual(many)
    }),

    full('the limit can be raised and lowered while consuming', async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect()
      await stage.send(connection, queue, ten)
      const { consumer, inbox } = await stage.consume(connection, queue, { prefetchCount: 2 })
      await inbox.arrived(2)
      await consumer.qos({ prefetchCount: 4 })
      await inbox.arrived(4)
      await consumer.qos({ prefetchCount: 1 })
      for (const index of [0, 1, 2]) inbox.at(index).ack()
      await inbox.staysAt(4)
      inbox.at(3).ack()
      await inbox.arrived(5)
      await inbox.staysAt(5)
    }),

    full('ack({ multiple }) frees as many as it settles', async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect()
      await stage.send(connection, queue, ten)
      const { inbox } = await stage.consume(connection, queue, { prefetchCount: 4 })
      await inbox.arrived(4)
      inbox.at(2).ack({ multiple: true })
      await inbox.arrived(7)
      await inbox.staysAt(7)
    }),

    full('the limit counts all queues of a consumer together', async (stage) => {
      const queues = [stage.queue(), stage.queue()] as const
      const connection = stage.connect()
      for (const queue of queues) await stage.send(connection, queue, ten)
      const { inbox } = await stage.consume(connection, queues, { prefetchCount: 5 })
      await inbox.arrived(5)
      await inbox.staysAt(5)
    }),

    full('the limit holds under load', async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect()
      const many = Array.from({ length: 300 }, (_, index) => index)
      let held = 0
      let most = 0
      const { inbox } = await stage.consume(connection, queue, {
        prefetchCount: 7,
        settle: (message) => {
          held += 1
          most = Math.max(most, held)
          setImmediate(() => {
            held -= 1
            message.ack()
          })
        },
      })
      await stage.send(stage.connect(), queue, many)
      await inbox.arrived(300, 10_000)
      stage.expect(inbox.bodies).toEqual(many)
      stage.expect(most).toBeLessThan(8)
      stage.expect(most).toBeGreaterThan(1)
    }),
  ],
}
