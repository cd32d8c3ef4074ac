/** Declaring, inspecting, purging and deleting queues. */
import { ChannelError, MessagingError } from '@dashi/messaging'
import { type CaseGroup, core, full } from '../case.ts'

export const queueCases: CaseGroup = {
  name: 'queues',
  cases: () => [
    core('declaring tells how many messages wait, and changes nothing', async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect()
      await stage.send(connection, queue, [1, 2, 3])
      const status = await queue.declare(connection.defaultChannel)
      stage.expect(status).toMatchObject({ queue: queue.name, messageCount: 3 })
      stage.expect(await stage.drain(connection, queue)).toEqual([1, 2, 3])
    }),

    core('purge() removes what waits, and says how much', async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect()
      await stage.send(connection, queue, [1, 2, 3])
      stage.expect(await queue.purge(connection.defaultChannel)).toBe(3)
      stage.expect(await queue.purge(connection.defaultChannel)).toBe(0)
      await stage.send(connection, queue, [4])
      stage.expect(await stage.drain(connection, queue)).toEqual([4])
    }),

    core('delete() removes a queue with its messages, and says how many', async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect()
      await stage.send(connection, queue, [1, 2])
      stage.expect(await queue.delete(connection.defaultChannel)).toBe(2)
      await stage.declare(connection, queue)
      stage.expect(await stage.count(connection, queue)).toBe(0)
    }),

    full('purge() leaves what is held, and the neighbours', async (stage) => {
      const [queue, neighbour] = [stage.queue(), stage.queue()]
      const connection = stage.connect()
      await stage.send(connection, queue, [1, 2])
      await stage.send(connection, neighbour, [3])
      const held = await stage.get(connection, queue)
      stage.expect(await queue.purge(connection.defaultChannel)).toBe(1)
      held.requeue()
      await held.settled()
      stage.expect(await stage.drain(connection, queue)).toEqual([1])
      stage.expect(await stage.drain(connection, neighbour)).toEqual([3])
    }),

    full('held messages are not counted as waiting', async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect()
      await stage.send(connection, queue, [1, 2, 3])
      await stage.get(connection, queue)
      stage.expect(await stage.count(connection, queue)).toBe(2)
    }),

    full('a queue that is empty is there; one that was never declared is not', async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect()
      await stage.declare(connection, queue)
      stage.expect(await stage.count(connection, queue)).toBe(0)
      const missing = stage.queue()
      const error = { code: 'NOT_FOUND', name: ChannelError.name }
      await stage.refused(stage.count(connection, missing), error)
      await stage.send(connection, queue, ['the channel goes on'])
      stage.expect(await stage.count(connection, queue)).toBe(1)
    }),

    full(
      "an exclusive queue that a second one wants: refused, or it is then the second one's",
      async (stage) => {
        const exchange = stage.exchange('fanout')
        const queue = stage.queue({ exchange, exclusive: true })
        const first = stage.connect()
        await stage.consume(first, queue, { settle: (m) => m.ack() })
        const second = await stage
          .consume(stage.connect(), queue, { settle: (m) => m.ack() })
          .catch((error: unknown) => error)
        if (MessagingError.is(second)) {
          stage.expect(second).toMatchObject({ code: 'RESOURCE_LOCKED' })
          return
        }
        await first.close()
        await stage.connect().producer({ exchange }).publish('still heard')
        const { inbox } = second as Awaited<ReturnType<typeof stage.consume>> // no error: checked above
        await inbox.arrived(1)
        stage.expect(inbox.bodies).toEqual(['still heard'])
      },
    ),

    full('purging and deleting what is not there removes nothing', async (stage) => {
      const queue = stage.queue()
      const { defaultChannel } = stage.connect()
      stage.expect(await queue.delete(defaultChannel)).toBe(0)
      stage.expect(await queue.purge(defaultChannel)).toBe(0)
    }),

    full('delete({ ifEmpty }) and delete({ ifUnused }) keep to their condition', async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect()
      const { defaultChannel } = connection
      const failed = { code: 'PRECONDITION_FAILED', name: ChannelError.name }
      await stage.send(connection, queue, [1])
      await stage.refused(queue.delete(defaultChannel, { ifEmpty: true }), failed)
      const { consumer, inbox } = await stage.consume(connection, queue, { settle: (m) => m.ack() })
      await inbox.arrived(1)
      await stage.refused(queue.delete(defaultChannel, { ifUnused: true }), failed)
      await consumer.close()
      await queue.delete(defaultChannel, { ifEmpty: true, ifUnused: true })
    }),

    full('deleting a queue ends its consumer with a reason, and no other', async (stage) => {
      const [queue, neighbour] = [stage.queue(), stage.queue()]
      const connection = stage.connect()
      const cancelled = Promise.withResolvers<{ queue: string; error: Error }>()
      const { consumer, inbox } = await stage.consume(connection, [queue, neighbour], {
        settle: (m) => m.ack(),
        onCancel: (name, error) => cancelled.resolve({ queue: name, error }),
      })
      await queue.delete(connection.defaultChannel)
      const told = await cancelled.promise
      stage.expect(told.queue).toBe(queue.name)
      stage.expect(told.error).toMatchObject({ code: 'CONSUMER_CANCELLED' })
      await stage.send(connection, neighbour, [1])
      await inbox.arrived(1)

      await consumer.consume()
      await stage.send(connection, queue, [2])
      await inbox.arrived(2)
    }),

    full('deleting a queue ends a loop over it with a reason', async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect()
      const stream = connection.consume(queue)
      await stream.start()
      const next = stream.next()
      await queue.delete(connection.defaultChannel)
      await stage.refused(next, { code: 'CONSUMER_CANCELLED', name: ChannelError.name })
    }),

    full(
      'a consumer whose queue another connection deleted and made again is told or served',
      async (stage) => {
        const queue = stage.queue()
        let isTold = false
        const { inbox } = await stage.consume(stage.connect(), queue, {
          settle: (m) => m.ack(),
          onCancel: () => {
            isTold = true
          },
        })
        const other = stage.connect()
        await queue.delete(other.defaultChannel)
        await stage.declare(other, queue)
        await other.producer().publish(1, { routingKey: queue.name })
        if (!isTold) await inbox.arrived(1)
        else stage.expect(await stage.drain(other, queue)).toEqual([1])
      },
    ),

    full('held messages of a deleted queue are gone with it', async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect()
      await stage.send(connection, queue, [1])
      const { consumer, inbox } = await stage.consume(connection, queue, {
        onCancel: () => undefined,
      })
      await inbox.arrived(1)
      await queue.delete(connection.defaultChannel)
      await consumer.close()
      await stage.declare(connection, queue)
      stage.expect(await stage.count(connection, queue)).toBe(0)
    }),

    full('an exclusive queue goes with its connection', async (stage) => {
      const queue = stage.queue({ exclusive: true })
      const connection = stage.connect()
      await stage.send(connection, queue, [1])
      await connection.close()
      const error = { code: 'NOT_FOUND' }
      await stage.refused(stage.count(stage.connect(), queue), error)
    }),

    full(
      'an auto-delete queue for broadcasts lives as long as any connection consumes from it',
      async (stage) => {
        const exchange = stage.exchange('fanout')
        const queue = stage.queue({ exchange, autoDelete: true })
        const [first, second] = [stage.connect(), stage.connect()]
        const leaving = await stage.consume(first, queue, { settle: (m) => m.ack() })
        const staying = await stage.consume(second, queue, { settle: (m) => m.ack() })
        await leaving.consumer.close()
        await first.close()
        await stage.connect().producer({ exchange }).publish('still heard')
        await staying.inbox.arrived(1)
        await staying.consumer.close()
        const counted = stage.count(stage.connect(), queue)
        await stage.refused(counted, { code: 'NOT_FOUND', name: ChannelError.name })
      },
    ),

    full('what was declared once is declared again after it was deleted', async (stage) => {
      const exchange = stage.exchange('direct')
      const queue = stage.queue({ exchange, routingKey: 'k' })
      const connection = stage.connect()
      const producer = connection.producer({ exchange })
      await producer.publish(1, { routingKey: 'k', declare: [queue] })
      await queue.delete(connection.defaultChannel)
      await producer.publish(2, { routingKey: 'k', declare: [queue] })
      stage.expect(await stage.drain(connection, queue)).toEqual([2])
    }),
  ],
}
