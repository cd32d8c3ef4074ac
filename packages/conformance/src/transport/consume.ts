/** Receiving: in order, woken at once, shared fairly, ended on wish without a loss. */
import { ContentDisallowedError, TimeoutError } from '@dashi/messaging'
import { type CaseGroup, core, full } from '../case.ts'
import { Inbox } from '../stage/inbox.ts'

const numbers = Array.from({ length: 300 }, (_, index) => index)

export const consumeCases: CaseGroup = {
  name: 'consume',
  cases: () => [
    core('a consumer gets what waits, in order', async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect()
      await stage.send(connection, queue, numbers.slice(0, 50))
      const { inbox } = await stage.consume(connection, queue, { settle: (m) => m.ack() })
      await inbox.arrived(50)
      stage.expect(inbox.bodies).toEqual(numbers.slice(0, 50))
    }),

    core('a waiting consumer gets what is published then', async (stage) => {
      const queue = stage.queue()
      const { inbox } = await stage.consume(stage.connect(), queue, { settle: (m) => m.ack() })
      const publisher = stage.connect()
      for (const number of [1, 2, 3]) {
        await stage.send(publisher, queue, [number])
        await inbox.arrived(number, 2_000)
      }
      stage.expect(inbox.bodies).toEqual([1, 2, 3])
    }),

    core('get() takes one message, or says that there is none', async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect()
      await stage.send(connection, queue, ['one'])
      stage.expect((await stage.get(connection, queue)).payload).toBe('one')
      stage.expect(await connection.defaultChannel.get(queue.name)).toBeUndefined()
    }),

    full('callbacks get the decoded body', async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect()
      const got = Promise.withResolvers<unknown>()
      const consumer = connection.consumer({
        queues: queue,
        callbacks: [
          (body, message) => {
            message.ack()
            got.resolve(body)
          },
        ],
      })
      await consumer.consume()
      await stage.send(connection, queue, [{ a: 1 }])
      stage.expect(await got.promise).toEqual({ a: 1 })
    }),

    full(
      'for await yields messages; leaving the loop gives the rest back in order',
      async (stage) => {
        const queue = stage.queue()
        const connection = stage.connect()
        await stage.send(connection, queue, numbers.slice(0, 20))
        const seen: unknown[] = []
        for await (const message of connection.consume(queue)) {
          seen.push(message.payload)
          message.ack()
          if (seen.length === 5) break
        }
        stage.expect(seen).toEqual(numbers.slice(0, 5))
        stage.expect(await stage.drain(connection, queue)).toEqual(numbers.slice(5, 20))
      },
    ),

    full('an abort ends the loop; what was not settled is delivered again', async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect()
      await stage.send(connection, queue, [1, 2, 3])
      const abort = new AbortController()
      const seen: unknown[] = []
      for await (const message of connection.consume(queue, { signal: abort.signal })) {
        seen.push(message.payload)
        if (seen.length === 1) message.ack()
        if (seen.length === 2) abort.abort()
      }
      stage.expect(seen).toEqual([1, 2])
      const [first, second] = [
        await stage.get(connection, queue),
        await stage.get(connection, queue),
      ]
      stage.expect([first.payload, second.payload]).toEqual([2, 3])
    }),

    full('an abort ends a loop that waits', async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect()
      const abort = new AbortController()
      const stream = connection.consume(queue, { signal: abort.signal })
      await stream.start()
      const next = stream.next()
      abort.abort()
      stage.expect(await next).toEqual({ value: undefined, done: true })
    }),

    full(
      'drainEvents() answers once for each delivery, and times out without one',
      async (stage) => {
        const queue = stage.queue()
        const connection = stage.connect()
        const { inbox } = await stage.consume(connection, queue, { settle: (m) => m.ack() })
        const draining = connection.drainEvents({ timeoutMs: 100 })
        await stage.refused(draining, { code: 'TIMED_OUT', name: TimeoutError.name })
        stage.expect(inbox.messages.length).toBe(0)
        await stage.send(connection, queue, [1, 2, 3])
        for (let count = 0; count < 3; count += 1)
          await connection.drainEvents({ timeoutMs: 5_000 })
        stage.expect(inbox.bodies).toEqual([1, 2, 3])
        await stage.refused(connection.drainEvents({ timeoutMs: 50 }), { code: 'TIMED_OUT' })
      },
    ),

    full('with noAck, taken is gone', async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect()
      await stage.send(connection, queue, [1, 2])
      const { consumer, inbox } = await stage.consume(connection, queue, { noAck: true })
      await inbox.arrived(2)
      await consumer.close()
      stage.expect(await stage.count(connection, queue)).toBe(0)
      await stage.send(connection, queue, [3])
      stage.expect((await stage.get(connection, queue, { noAck: true })).payload).toBe(3)
      stage.expect(await stage.drain(stage.connect(), queue)).toEqual([])
    }),

    full('consumers of one queue share it: each message goes to one of them', async (stage) => {
      const queue = stage.queue()
      const inbox = new Inbox((message) => message.ack())
      const options = { prefetchCount: 5, onMessage: inbox.receive }
      await stage.consume(stage.connect(), queue, options)
      await stage.consume(stage.connect(), queue, options)
      await stage.send(stage.connect(), queue, numbers)
      stage.expect(await inbox.different(numbers.length)).toEqual(numbers)
      stage.expect(inbox.messages.length).toBe(numbers.length)
    }),

    full('consumers of one queue on one connection take turns', async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect()
      const first = await stage.consume(connection, queue, { prefetchCount: 1 })
      const second = await stage.consume(connection, queue, { prefetchCount: 1 })
      await stage.send(connection, queue, [1, 2])
      await Promise.all([first.inbox.arrived(1), second.inbox.arrived(1)])
    }),

    full('one consumer serves several queues', async (stage) => {
      const queues = [stage.queue(), stage.queue(), stage.queue()]
      const connection = stage.connect()
      const { inbox } = await stage.consume(connection, queues, { settle: (m) => m.ack() })
      for (const [index, queue] of queues.entries()) await stage.send(connection, queue, [index])
      stage.expect(await inbox.different(3)).toEqual([0, 1, 2])
      stage.expect(new Set(inbox.messages.map((m) => m.deliveryInfo.queue)).size).toBe(3)
    }),

    full('a busy queue does not starve another', async (stage) => {
      const [busy, quiet] = [stage.queue(), stage.queue()]
      const connection = stage.connect()
      await stage.send(connection, busy, numbers)
      await stage.send(connection, quiet, ['quiet'])
      const { inbox } = await stage.consume(connection, [busy, quiet], {
        prefetchCount: 10,
        settle: (m) => m.ack(),
      })
      await inbox.arrived(numbers.length + 1)
      stage.expect(inbox.bodies.indexOf('quiet')).toBeLessThan(100)
    }),

    full('queues are added to and taken from a consumer while it runs', async (stage) => {
      const [first, second] = [stage.queue(), stage.queue()]
      const connection = stage.connect()
      const { consumer, inbox } = await stage.consume(connection, first, { settle: (m) => m.ack() })
      await consumer.addQueue(second)
      await consumer.consume()
      await stage.send(connection, second, ['second'])
      await inbox.arrived(1)
      await consumer.cancelByQueue(first)
      stage.expect(consumer.consumingFrom(first)).toBe(false)
      await stage.send(connection, first, ['stays'])
      await stage.send(connection, second, ['again'])
      await inbox.arrived(2)
      stage.expect(inbox.bodies).toEqual(['second', 'again'])
      stage.expect(await stage.count(connection, first)).toBe(1)
    }),

    full('a consumer that starts while another waits is served', async (stage) => {
      const [first, second] = [stage.queue(), stage.queue()]
      const connection = stage.connect()
      const channel = connection.channel()
      const inbox = new Inbox((message) => message.ack())
      for (const queue of [first, second]) {
        const consumer = connection.consumer({ queues: queue, onMessage: inbox.receive }, channel)
        await consumer.consume()
      }
      const publisher = stage.connect()
      await stage.send(publisher, second, [2])
      await stage.send(publisher, first, [1])
      stage.expect(await inbox.different(2)).toEqual([1, 2])
    }),

    full('after cancel() nothing more arrives, and nothing is lost', async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect()
      await stage.declare(connection, queue)
      const publishing = stage.send(stage.connect(), queue, numbers)
      const { consumer, inbox } = await stage.consume(connection, queue, {
        prefetchCount: 3,
        settle: (m) => m.ack(),
      })
      await inbox.arrived(20)
      await consumer.cancel()
      const count = inbox.messages.length
      await publishing
      await consumer.channel.settled()
      await inbox.staysAt(count, 50)
      const rest = await stage.consume(connection, queue, { settle: (m) => m.ack() })
      const got = [
        ...inbox.bodies,
        ...(await rest.inbox.arrived(numbers.length - count)).map((m) => m.payload),
      ]
      stage.expect(got.sort((a, b) => Number(a) - Number(b))).toEqual(numbers)
    }),

    full('what was delivered before cancel() can still be settled', async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect()
      await stage.send(connection, queue, [1])
      const { consumer, inbox } = await stage.consume(connection, queue)
      await inbox.arrived(1)
      await consumer.cancel()
      inbox.at(0).ack()
      await inbox.at(0).settled()
      await consumer.close()
      stage.expect(await stage.count(connection, queue)).toBe(0)
    }),

    full('flow(false) pauses and flow(true) resumes', async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect()
      const { consumer, inbox } = await stage.consume(connection, queue, { settle: (m) => m.ack() })
      await consumer.flow(false)
      await stage.send(connection, queue, [1])
      await inbox.staysAt(0)
      await consumer.flow(true)
      await inbox.arrived(1)
    }),

    full('accept lists let through what they name and set the rest aside', async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect()
      const refused: string[] = []
      const inbox = new Inbox((message) => message.ack())
      await stage.consume(connection, queue, {
        accept: ['json'],
        onMessage: (message) => {
          message.decode()
          inbox.receive(message)
        },
        onDecodeError: (message, error) => {
          refused.push(error.name)
          message.ack()
        },
      })
      await stage.send(connection, queue, ['plain text', { json: true }])
      await inbox.arrived(1)
      stage.expect(inbox.bodies).toEqual([{ json: true }])
      stage.expect(refused).toEqual([ContentDisallowedError.name])
    }),

    full('a queue without a name gets one', async (stage) => {
      const connection = stage.connect()
      const queue = stage.queue({ exclusive: true }).named('')
      const { consumer, inbox } = await stage.consume(connection, queue, { settle: (m) => m.ack() })
      const [named] = consumer.queues
      if (named === undefined) throw new Error('The consumer has no queue')
      stage.expect(named.name.length).toBeGreaterThan(0)
      await connection.producer().publish('to you', { routingKey: named.name })
      await inbox.arrived(1)
    }),
  ],
}
