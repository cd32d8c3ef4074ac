/** Reconnected means consuming: a cut connection comes back with everything on it. */
import type { Connection, Message } from '@dashi/messaging'
import { type Case, type CaseGroup, full } from '../case.ts'
import { within } from '../stage/eventually.ts'
import { Inbox } from '../stage/inbox.ts'
import type { Stage } from '../stage/stage.ts'

type Cut = (...connections: readonly Connection[]) => Promise<void>

export const reconnectCases: CaseGroup = {
  name: 'reconnect',
  cases: ({ setup }) => {
    const { faults } = setup
    const byBroker = faults?.cutConnections
    return [
      ...casesOf('a cut on our side', cutHere),
      ...(byBroker ? casesOf('a cut by the broker', cutBy(byBroker)) : []),
    ]
  },
}

const cutHere: Cut = async (...connections) => {
  const back = connections.map(reconnected)
  for (const connection of connections) connection.collect()
  await Promise.all(back)
}

function cutBy(cutConnections: () => Promise<void>): Cut {
  return async (...connections) => {
    const back = connections.map(reconnected)
    await cutConnections()
    await Promise.all(back)
  }
}

function reconnected(connection: Connection): Promise<void> {
  const back = new Promise<void>((resolve) => {
    const stop = connection.on('connected', () => {
      stop()
      resolve()
    })
  })
  return within(back, { what: 'Reconnecting' })
}

function casesOf(fault: string, cut: Cut): readonly Case[] {
  return [
    full(
      `after ${fault} consumers go on, on queues and exchanges that are there`,
      async (stage) => {
        const connection = stage.connect()
        const publisher = stage.connect()
        const exchange = stage.exchange('topic')
        const queue = stage.queue({ exchange, routingKey: 'k.*' })
        const other = stage.queue()
        const { inbox } = await stage.consume(connection, [queue, other], {
          settle: (m) => m.ack(),
        })
        const producer = publisher.producer({ exchange })
        await producer.publish(1, { routingKey: 'k.1' })
        await inbox.arrived(1)
        await cut(connection, publisher)
        await producer.publish(2, { routingKey: 'k.2' })
        await stage.send(publisher, other, [3])
        stage.expect(await inbox.different(3)).toEqual([1, 2, 3])
        stage.expect(connection.counters.reconnects).toBe(1)
      },
    ),

    full(
      `after ${fault} held messages are delivered again, marked, first and in order`,
      async (stage) => {
        const connection = stage.connect()
        const queue = stage.queue()
        await stage.send(connection, queue, [1, 2, 3, 4])
        const { inbox } = await stage.consume(connection, queue, { prefetchCount: 3 })
        await inbox.arrived(3)
        await cut(connection)
        await inbox.arrived(6)
        stage.expect(inbox.bodies).toEqual([1, 2, 3, 1, 2, 3])
        const again = inbox.messages.slice(3)
        stage.expect(again.map((message) => message.redelivered)).toEqual([true, true, true])
      },
    ),

    full(`after ${fault} acknowledged messages stay gone`, async (stage) => {
      const connection = stage.connect()
      const queue = stage.queue()
      await stage.send(connection, queue, [1, 2])
      const { inbox } = await stage.consume(connection, queue)
      await inbox.arrived(2)
      inbox.at(0).ack()
      await inbox.at(0).settled()
      await cut(connection)
      await inbox.arrived(3)
      await inbox.staysAt(3)
      stage.expect(inbox.at(2).payload).toBe(2)
    }),

    full(`after ${fault} the prefetch limit and the flow are what they were`, async (stage) => {
      const connection = stage.connect()
      const [queue, paused] = [stage.queue(), stage.queue()]
      const { inbox } = await stage.consume(connection, queue, { prefetchCount: 2 })
      const stopped = await stage.consume(connection, paused)
      await stopped.consumer.flow(false)
      await cut(connection)
      await stage.send(connection, paused, [1])
      await stage.send(connection, queue, [1, 2, 3])
      await inbox.arrived(2)
      await inbox.staysAt(2)
      stage.expect(stopped.inbox.messages.length).toBe(0)
      await stopped.consumer.flow(true)
      await stopped.inbox.arrived(1)
    }),

    full(`after ${fault} broadcasts are received again`, async (stage) => {
      const connection = stage.connect()
      const publisher = stage.connect()
      const exchange = stage.exchange('fanout')
      const queue = stage.queue({ exchange })
      const { inbox } = await stage.consume(connection, queue, { settle: (m) => m.ack() })
      const producer = publisher.producer({ exchange })
      await producer.publish(1)
      await inbox.arrived(1)
      await cut(connection, publisher)
      await producer.publish(2)
      await inbox.arrived(2)
    }),

    full(`after ${fault} a loop goes on`, async (stage) => {
      const connection = stage.connect()
      const queue = stage.queue()
      const stream = connection.consume(queue)
      await stream.start()
      const next = stream.next()
      await cut(connection)
      await stage.send(connection, queue, [1])
      const { value } = await within(next, { what: 'A message' })
      stage.expect(value?.payload).toBe(1)
      await stream.return()
    }),

    full(`a cancelled consumer stays cancelled after ${fault}`, async (stage) => {
      const connection = stage.connect()
      const queue = stage.queue()
      const { consumer, inbox } = await stage.consume(connection, queue)
      await consumer.cancel()
      await cut(connection)
      await stage.send(connection, queue, [1])
      await inbox.staysAt(0)
      stage.expect(await stage.drain(connection, queue)).toEqual([1])
    }),

    full(
      `${fault} while publishing loses nothing: every publish is confirmed, refused or unknown`,
      async (stage) => {
        const queue = stage.queue()
        const consuming = stage.connect()
        await stage.declare(consuming, queue)
        const publisher = stage.connect()
        await stage.declare(publisher, queue)
        const outcomes = await publishThrough(stage, { publisher, queue: queue.name, cut })
        const { inbox } = await stage.consume(consuming, queue, { settle: (m) => m.ack() })
        const confirmed = outcomes.flatMap((code, body) => (code === 'confirmed' ? [body] : []))
        stage.expect(confirmed.length).toBeGreaterThan(100)
        await inbox.different(confirmed.length)
        const got = new Set(inbox.bodies)
        stage.expect(confirmed.filter((body) => !got.has(body))).toEqual([])
        for (const code of outcomes)
          stage.expect(['confirmed', 'CONNECTION_LOST', 'OUTCOME_UNKNOWN']).toContain(code)
      },
    ),

    full(
      `ten times ${fault} under load lose nothing`,
      async (stage) => {
        const queue = stage.queue()
        const consuming = stage.connect()
        const publisher = stage.connect()
        await stage.declare(publisher, queue)
        const inbox = new Inbox((message: Message) => setImmediate(() => message.ack()))
        await stage.consume(consuming, queue, { prefetchCount: 10, onMessage: inbox.receive })
        const total = 300
        let sent = 0
        const sending = (async () => {
          while (sent < total) {
            await publisher.producer().publish(sent, {
              routingKey: queue.name,
              retry: true,
              retryPolicy: { intervalStartMs: 5, intervalStepMs: 5 },
            })
            sent += 1
          }
        })()
        for (let round = 1; round <= 10; round += 1) {
          await inbox.different(Math.min(total, round * 20))
          await cut(consuming, publisher)
        }
        await sending
        const all = Array.from({ length: total }, (_, index) => index)
        stage.expect(await inbox.different(total)).toEqual(all)
        await inbox
          .at(-1)
          .settled()
          .catch(() => undefined)
      },
      40_000,
    ),
  ]
}

interface Publishing {
  readonly publisher: Connection
  readonly queue: string
  readonly cut: Cut
}

/** Publishes while the connection is cut. @returns what became of each message, by its body. */
async function publishThrough(stage: Stage, publishing: Publishing): Promise<readonly string[]> {
  const { publisher, queue, cut } = publishing
  const producer = publisher.producer()
  const outcomes: Promise<string>[] = []
  const publish = () => {
    const body = outcomes.length
    outcomes.push(
      producer.publish(body, { routingKey: queue }).then(
        () => 'confirmed',
        (error: { code?: string }) => String(error.code),
      ),
    )
  }
  for (let count = 0; count < 100; count += 1) publish()
  await outcomes.at(-1)
  const cutting = cut(publisher)
  for (let count = 0; count < 100; count += 1) {
    publish()
    if (count % 10 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  await cutting
  for (let count = 0; count < 100; count += 1) publish()
  stage.expect(outcomes.length).toBe(300)
  return await Promise.all(outcomes)
}
