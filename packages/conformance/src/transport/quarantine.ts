/** Nothing is dropped: what cannot be handled is set aside. */
import { Connection, Queue } from '@dashi/messaging'
import { type CaseGroup, full } from '../case.ts'
import { eventually, within } from '../stage/eventually.ts'

const badJson = { contentType: 'application/json', contentEncoding: 'utf-8' }

export const quarantineCases: CaseGroup = {
  name: 'quarantine',
  cases: () => [
    full('the queue is dashi.quarantine unless told otherwise', async (stage) => {
      const connection = stage.adopt(new Connection(stage.setup.create()))
      stage.expect(connection.settings.quarantineQueue).toBe('dashi.quarantine')
    }),

    full('a message keeps its headers and properties, and does not expire there', async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect()
      connection.on('warning', () => undefined)
      const options = { ...badJson, headers: { own: 1 }, correlationId: 'c', expirationMs: 300_000 }
      await stage.sendWith(connection, queue, { bodies: ['{'], ...options })
      await consumeDecoding(connection, queue)
      await eventually(async () => connection.counters.quarantined === 1, { what: 'Quarantine' })
      const message = await stage.get(connection, stage.quarantine)
      stage.expect(message.headers).toMatchObject({ own: 1, 'x-quarantine-queue': queue.name })
      stage.expect(message.properties).toMatchObject({ correlationId: 'c', deliveryMode: 2 })
      stage.expect(message.properties.expiration).toBeUndefined()
      stage.expect(message.contentType).toBe('application/json')
      stage.expect(await stage.count(connection, queue)).toBe(0)
    }),

    full(
      'a callback that throws gets the message once more, then it is set aside',
      async (stage) => {
        const queue = stage.queue()
        const connection = stage.connect()
        const warnings: Error[] = []
        connection.on('warning', ({ error }) => warnings.push(error))
        const seen: boolean[] = []
        const consumer = connection.consumer({
          queues: queue,
          callbacks: [
            (body, message) => {
              if (body === 'good') return message.ack()
              seen.push(message.redelivered)
              throw new Error('cannot handle this')
            },
          ],
        })
        await consumer.consume()
        await stage.send(connection, queue, ['bad', 'good'])
        await eventually(async () => connection.counters.quarantined === 1, { what: 'Quarantine' })
        stage.expect(seen).toEqual([false, true])
        const message = await stage.get(connection, stage.quarantine)
        stage.expect(message.payload).toBe('bad')
        stage.expect(message.headers['x-quarantine-reason']).toBe('cannot handle this')
        stage.expect(warnings.length).toBeGreaterThan(1)
        await consumer.close()
        stage.expect(await stage.count(connection, queue)).toBe(0)
      },
    ),

    full('an asynchronous callback that rejects counts as one that throws', async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect()
      connection.on('warning', () => undefined)
      await stage.consume(connection, queue, {
        onMessage: async () => {
          throw new Error('later')
        },
      })
      await stage.send(connection, queue, ['bad'])
      await eventually(async () => connection.counters.quarantined === 1, { what: 'Quarantine' })
    }),

    full('onDecodeError and onCallbackError decide instead', async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect()
      const told: string[] = []
      const consumer = connection.consumer({
        queues: queue,
        callbacks: [
          () => {
            throw new Error('no')
          },
        ],
        onDecodeError: (message, error) => {
          told.push(error.code)
          message.reject()
        },
        onCallbackError: (message) => {
          told.push('callback')
          message.ack()
        },
      })
      await consumer.consume()
      await stage.sendWith(connection, queue, { bodies: ['{'], ...badJson })
      await stage.send(connection, queue, ['fine'])
      await eventually(async () => told.length === 2, { what: 'Both handlers' })
      stage.expect(told).toEqual(['NOT_DECODABLE', 'callback'])
      stage.expect(connection.counters.quarantined).toBe(0)
      await consumer.close()
      stage.expect(await stage.count(connection, queue)).toBe(0)
    }),

    full('a loop never meets what cannot be read', async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect()
      connection.on('warning', () => undefined)
      await stage.send(connection, queue, [1])
      await stage.sendWith(connection, queue, { bodies: ['{'], ...badJson })
      await stage.send(connection, queue, [2])
      const seen: unknown[] = []
      for await (const message of connection.consume(queue)) {
        seen.push(message.payload)
        message.ack()
        if (seen.length === 2) break
      }
      stage.expect(seen).toEqual([1, 2])
      // Leaving the loop may have been faster than setting aside: then it is where it was.
      const kept = [queue, new Queue(stage.quarantine)]
      await stage.declare(connection, ...kept)
      const counts = await Promise.all(kept.map((one) => stage.count(connection, one)))
      stage.expect(counts.reduce((sum, count) => sum + count, 0)).toBe(1)
    }),

    full('with noAck too, what cannot be read is kept', async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect()
      connection.on('warning', () => undefined)
      await stage.sendWith(connection, queue, { bodies: ['{'], ...badJson })
      await consumeDecoding(connection, queue, { noAck: true })
      await eventually(async () => connection.counters.quarantined === 1, { what: 'Quarantine' })
      stage.expect((await stage.get(connection, stage.quarantine)).rawBody.length).toBe(1)
    }),

    full('what the quarantine cannot take stays in its queue, without a storm', async (stage) => {
      const queue = stage.queue()
      const sender = stage.connect()
      await stage.sendWith(sender, queue, { bodies: ['{'.repeat(3_000)], ...badJson })
      const connection = stage.connect({ overrides: { maxPayloadBytes: 2_000 } })
      let count = 0
      const warned = new Promise<Error>((resolve) =>
        connection.on('warning', ({ error }) => {
          count += 1
          resolve(error)
        }),
      )
      const consumer = await consumeDecoding(connection, queue)
      stage.expect(await within(warned, { what: 'A warning' })).toMatchObject({ code: 'TOO_LARGE' })
      await new Promise((resolve) => setTimeout(resolve, 200))
      stage.expect(count).toBeLessThan(10)
      await consumer.close()
      stage.expect(await stage.count(sender, queue)).toBe(1)
    }),
  ],
}

async function consumeDecoding(
  connection: Connection,
  queue: Parameters<Connection['consume']>[0],
  options: { readonly noAck?: boolean } = {},
) {
  const consumer = connection.consumer({
    queues: queue,
    callbacks: [(_, message) => message.ack()],
    ...options,
  })
  await consumer.consume()
  return consumer
}
