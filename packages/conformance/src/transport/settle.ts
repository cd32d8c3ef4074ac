/** Acknowledged means gone; anything else comes back, or is dropped on wish. */
import { LeaseLostError, type Message, MessageStateError } from '@dashi/messaging'
import { type CaseGroup, core, full, type Subject } from '../case.ts'

export const settleCases: CaseGroup = {
  name: 'settle',
  cases: (subject) => [
    core('ack() removes a message', async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect()
      await stage.send(connection, queue, [1])
      const message = await stage.get(connection, queue)
      message.ack()
      await message.settled()
      await connection.close()
      stage.expect(await stage.drain(stage.connect(), queue)).toEqual([])
    }),

    core('reject() drops a message', async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect()
      await stage.send(connection, queue, [1])
      const message = await stage.get(connection, queue)
      message.reject()
      await message.settled()
      await connection.close()
      stage.expect(await stage.drain(stage.connect(), queue)).toEqual([])
    }),

    ...(['requeue()', 'reject({ requeue: true })'] as const).map((how) =>
      core(`${how} delivers a message again, marked`, async (stage) => {
        const queue = stage.queue()
        const connection = stage.connect()
        await stage.sendWith(connection, queue, {
          bodies: [{ a: 1 }],
          headers: { h: 1 },
          correlationId: 'c',
        })
        const first = await stage.get(connection, queue)
        stage.expect(first.redelivered).toBe(false)
        if (how === 'requeue()') first.requeue()
        else first.reject({ requeue: true })
        await first.settled()

        const again = await stage.get(stage.connect(), queue)
        stage.expect(again.payload).toEqual({ a: 1 })
        stage.expect(again.redelivered).toBe(true)
        stage.expect(again.headers).toMatchObject({ h: 1 })
        stage.expect(again.properties).toMatchObject({ correlationId: 'c' })
      }),
    ),

    requeuePlace(subject),

    core(
      'what is unsettled when its channel closes is delivered again, in order, first',
      async (stage) => {
        const queue = stage.queue()
        const connection = stage.connect()
        await stage.send(connection, queue, [1, 2, 3, 4])
        const { consumer, inbox } = await stage.consume(connection, queue, { prefetchCount: 3 })
        await inbox.arrived(3)
        inbox.at(1).ack()
        await consumer.close()
        stage.expect(await stage.drain(connection, queue)).toEqual([1, 3, 4])
      },
    ),

    core('what is unsettled when its connection closes is delivered again', async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect()
      await stage.send(connection, queue, [1, 2])
      await stage.get(connection, queue)
      await connection.close()
      const other = stage.connect()
      const again = await stage.get(other, queue)
      stage.expect(again.payload).toBe(1)
      stage.expect((await stage.get(other, queue)).payload).toBe(2)
    }),

    full('a held message is nobody else’s', async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect()
      await stage.send(connection, queue, [1])
      await stage.get(connection, queue)
      stage.expect(await stage.connect().defaultChannel.get(queue.name)).toBeUndefined()
    }),

    full('ack({ multiple }) settles all before it, on its channel only', async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect()
      await stage.send(connection, queue, [1, 2, 3, 4, 5])
      const elsewhere = await stage.get(stage.connect(), queue)
      const { consumer, inbox } = await stage.consume(connection, queue)
      await inbox.arrived(4)
      inbox.at(2).ack({ multiple: true })
      await inbox.at(2).settled()
      await consumer.close()
      stage.expect(await stage.drain(connection, queue)).toEqual([5])
      elsewhere.requeue()
      await elsewhere.settled()
      stage.expect(await stage.drain(connection, queue)).toEqual([1])
    }),

    full('settling twice throws, and settles once', async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect()
      await stage.send(connection, queue, [1, 2])
      const message = await stage.get(connection, queue)
      message.requeue()
      for (const again of [() => message.ack(), () => message.reject(), () => message.requeue()]) {
        stage.expect(thrownBy(again)).toMatchObject({
          code: 'ALREADY_SETTLED',
          name: MessageStateError.name,
        })
      }
      await message.settled()
      const bodies = await stage.drain(connection, queue)
      stage.expect([...bodies].sort()).toEqual([1, 2])
    }),

    full('recover() has everything unsettled delivered again', async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect()
      await stage.send(connection, queue, [1, 2])
      const { consumer, inbox } = await stage.consume(connection, queue)
      await inbox.arrived(2)
      await consumer.recover()
      await inbox.arrived(4)
      stage.expect(inbox.bodies).toEqual([1, 2, 1, 2])
      stage.expect(inbox.at(2).redelivered).toBe(true)
      await staleAck(inbox.at(0))
      inbox.at(3).ack({ multiple: true })
      await inbox.at(3).settled()
      await consumer.close()
      stage.expect(await stage.count(connection, queue)).toBe(0)
    }),

    full('requeue() returns a message to its own queue only', async (stage) => {
      const exchange = stage.exchange('topic')
      const [first, second] = [
        stage.queue({ exchange, routingKey: 'a.*' }),
        stage.queue({ exchange, routingKey: 'a.b' }),
      ]
      const connection = stage.connect()
      await stage.declare(connection, first, second)
      await connection.producer({ exchange }).publish(1, { routingKey: 'a.b' })
      const message = await stage.get(connection, first)
      message.requeue()
      await message.settled()
      stage.expect(await stage.drain(connection, first)).toEqual([1])
      stage.expect(await stage.drain(connection, second)).toEqual([1])
    }),

    full('copies of one publish are settled apart', async (stage) => {
      const exchange = stage.exchange('direct')
      const queues = [
        stage.queue({ exchange, routingKey: 'k' }),
        stage.queue({ exchange, routingKey: 'k' }),
      ] as const
      const connection = stage.connect()
      await stage.declare(connection, ...queues)
      await connection.producer({ exchange }).publish(1, { routingKey: 'k' })
      const [first] = [
        await stage.get(connection, queues[0]),
        await stage.get(connection, queues[1]),
      ]
      first.ack()
      await first.settled()
      await connection.close()
      const other = stage.connect()
      stage.expect(await stage.drain(other, queues[0])).toEqual([])
      stage.expect(await stage.drain(other, queues[1])).toEqual([1])
    }),

    full('settling after the connection was lost is a counted no-op', async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect()
      await stage.send(connection, queue, [1])
      const message = await stage.get(connection, queue)
      const back = new Promise((resolve) => connection.on('connected', resolve))
      connection.collect()
      await back
      stage.expect(message.signal.aborted).toBe(true)
      const again = await stage.get(connection, queue)

      await staleAck(message)
      stage.expect(connection.counters.staleSettlements).toBe(1)
      again.requeue()
      await again.settled()
      stage.expect(await stage.drain(connection, queue)).toEqual([1])
    }),

    full('settling after the channel was closed is a counted no-op', async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect()
      await stage.send(connection, queue, [1])
      const { consumer, inbox } = await stage.consume(connection, queue)
      await inbox.arrived(1)
      await consumer.close()
      await staleAck(inbox.at(0))
      stage.expect(connection.counters.staleSettlements).toBe(1)
      stage.expect(await stage.drain(connection, queue)).toEqual([1])
    }),

    full('settled() tells only of its own channel', async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect()
      await stage.send(connection, queue, [1, 2])
      const other = await stage.get(connection, queue)
      const { consumer, inbox } = await stage.consume(connection, queue)
      await inbox.arrived(1)
      await consumer.recover()
      inbox.at(0).ack()
      other.ack()
      await other.settled()
      await stage.refused(inbox.at(0).settled(), { code: 'LEASE_LOST' })
    }),
  ],
}

function requeuePlace({ capabilities }: Subject) {
  const place = capabilities.requeue
  return core(`requeue() puts a message ${place}`, async (stage) => {
    const queue = stage.queue()
    const connection = stage.connect()
    await stage.send(connection, queue, [1, 2, 3])
    const message = await stage.get(connection, queue)
    message.requeue()
    await message.settled()
    const expected = place === 'first' ? [1, 2, 3] : [2, 3, 1]
    stage.expect(await stage.drain(connection, queue)).toEqual(expected)
  })
}

/** Settles a message that is not ours any more. */
async function staleAck(message: Message): Promise<void> {
  message.ack()
  const outcome = await message.settled().catch((error: unknown) => error)
  if (!(outcome instanceof LeaseLostError))
    throw new Error('settled() has to report a settlement that came too late', { cause: outcome })
}

function thrownBy(run: () => void): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  return undefined
}
