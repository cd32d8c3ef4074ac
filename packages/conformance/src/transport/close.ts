/** Closing ends everything that was begun, in time, and leaves nothing behind. */
import { setTimeout as sleep } from 'node:timers/promises'
import { ConnectionError } from '@dashi/messaging'
import { type CaseGroup, core, full } from '../case.ts'
import { within } from '../stage/eventually.ts'

const closed = { code: 'CONNECTION_CLOSED', name: ConnectionError.name }

export const closeCases: CaseGroup = {
  name: 'close',
  cases: () => [
    core('close() is final and idempotent', async (stage) => {
      const connection = stage.connect()
      await stage.send(connection, stage.queue(), [1])
      stage.expect(connection.connected).toBe(true)
      await Promise.all([connection.close(), connection.close()])
      await connection.close()
      stage.expect(connection.connected).toBe(false)
      await stage.refused(connection.connect(), closed)
    }),

    full('closing what was never used is possible', async (stage) => {
      const connection = stage.connect()
      connection.channel()
      await connection.close()
      await stage.refused(connection.defaultChannel.get('any'), closed)
    }),

    full('close() waits for what was published and settled before', async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect()
      await stage.send(connection, queue, [1])
      const message = await stage.get(connection, queue)
      const publishing = connection.producer().publish(2, { routingKey: queue.name })
      message.ack()
      await connection.close()
      await publishing
      stage.expect(await stage.drain(stage.connect(), queue)).toEqual([2])
    }),

    full('a handler that still works when its connection closes loses nothing', async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect()
      await stage.send(connection, queue, [1])
      const { inbox } = await stage.consume(connection, queue)
      await inbox.arrived(1)
      await connection.close()
      stage.expect(inbox.at(0).signal.aborted).toBe(true)
      inbox.at(0).ack()
      await stage.refused(inbox.at(0).settled(), { code: 'LEASE_LOST' })
      stage.expect(await stage.drain(stage.connect(), queue)).toEqual([1])
    }),

    full('close() ends waiting loops and drains', async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect()
      const stream = connection.consume(queue)
      await stream.start()
      const next = stream.next()
      const draining = connection.drainEvents()
      draining.catch(() => undefined)
      await connection.close()
      const ended = await within(next, { what: 'The end of the loop' })
      stage.expect(ended).toEqual({ value: undefined, done: true })
      await stage.refused(draining, closed)
    }),

    full('close() from inside a handler ends', async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect()
      const done = Promise.withResolvers<void>()
      const consumer = connection.consumer({
        queues: queue,
        onMessage: async (message) => {
          message.ack()
          await connection.close()
          done.resolve()
        },
      })
      await consumer.consume()
      await stage.send(stage.connect(), queue, [1])
      await within(done.promise, { what: 'close() inside a handler' })
      stage.expect(await stage.drain(stage.connect(), queue)).toEqual([])
    }),

    full('a closed channel gives back what it holds, and its connection goes on', async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect()
      const channel = connection.channel()
      await stage.send(connection, queue, [1])
      await channel.get(queue.name)
      await channel.close()
      await stage.refused(channel.get(queue.name), closed)
      stage.expect(await stage.drain(connection, queue)).toEqual([1])
    }),

    full('closing during a reconnect ends it', async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect()
      const { inbox } = await stage.consume(connection, queue)
      connection.collect()
      await connection.close()
      await stage.send(stage.connect(), queue, [1])
      await sleep(50)
      stage.expect(inbox.messages.length).toBe(0)
      stage.expect(connection.connected).toBe(false)
    }),

    full('a connection and a clone of it live apart', async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect()
      await stage.send(connection, queue, [1])
      const clone = stage.adopt(connection.clone())
      await connection.close()
      stage.expect(await stage.drain(clone, queue)).toEqual([1])
    }),
  ],
}
