/** A broker that dies, hangs, or refuses: what was confirmed is there, and work goes on. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Connection } from '@dashi/messaging'
import { type Case, type CaseGroup, full, type Subject } from '../case.ts'
import type { BrokerFaults, BrokerRefusal } from '../setup.ts'
import { eventually, within } from '../stage/eventually.ts'
import { Inbox } from '../stage/inbox.ts'

const fifty = Array.from({ length: 50 }, (_, index) => index)

export const brokerFaultCases: CaseGroup = {
  name: 'broker faults',
  cases: (subject) => {
    const { restart, freeze, refusals = [] } = subject.setup.faults ?? {}
    return [
      ...(restart ? restartCases(restart, subject) : []),
      ...(freeze ? freezeCases(freeze) : []),
      ...refusals.flatMap(refusalCases),
    ]
  },
}

type Restart = NonNullable<BrokerFaults['restart']>

function restartCases(restart: Restart, { capabilities }: Subject): readonly Case[] {
  return [
    full(
      'after the broker was killed and started, consumers go on within 5 s',
      async (stage) => {
        const [consuming, publisher] = [stage.connect(), stage.connect()]
        const exchange = stage.exchange('topic')
        const queue = stage.queue({ exchange, routingKey: '#' })
        const { inbox } = await stage.consume(consuming, queue, { settle: (m) => m.ack() })
        const producer = publisher.producer({ exchange })
        await producer.publish(1, { routingKey: 'a' })
        await inbox.arrived(1)
        const back = [consuming, publisher].map(reconnected)
        await restart.kill()
        await restart.start()
        const began = performance.now()
        await within(Promise.all(back), { what: 'Reconnecting' })
        await producer.publish(2, { routingKey: 'b' })
        await inbox.arrived(2)
        stage.expect(performance.now() - began).toBeLessThan(5_000)
      },
      40_000,
    ),

    full(
      'what is published while the broker is away waits for it, within its deadline',
      async (stage) => {
        const queue = stage.queue()
        const connection = stage.connect()
        await stage.declare(connection, queue)
        const gone = new Promise((resolve) => connection.on('disconnected', resolve))
        await restart.kill()
        await gone
        const producer = connection.producer()
        const patient = producer.publish('patient', { routingKey: queue.name })
        const impatient = producer.publish('impatient', { routingKey: queue.name, timeoutMs: 200 })
        const error = await stage.refused(impatient, {})
        stage
          .expect(['CONNECTION_LOST', 'CONNECTION_REFUSED', 'TIMED_OUT'])
          .toContain('code' in error ? error.code : error.message)
        await restart.start()
        await patient
        stage.expect(await stage.drain(connection, queue)).toContain('patient')
      },
      40_000,
    ),

    capabilities.durability === 'broker' ? durable(restart) : volatile(restart),
  ]
}

function durable(restart: Restart): Case {
  return full(
    'what was confirmed and what was held outlives the broker',
    async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect()
      await stage.send(connection, queue, fifty)
      const held = await stage.consume(connection, queue, { prefetchCount: 10 })
      await held.inbox.arrived(10)
      const [first] = held.inbox.messages
      first?.ack()
      await first?.settled()
      await held.consumer.flow(false)
      await restart.kill()
      await restart.start()
      const { inbox } = await stage.consume(stage.connect(), queue, { settle: (m) => m.ack() })
      // The acknowledgement may be lost with the broker, a message may not.
      const isAllThere = async () => fifty.slice(1).every((body) => inbox.bodies.includes(body))
      await eventually(isAllThere, { what: 'Delivery of everything', timeoutMs: 25_000 })
    },
    60_000,
  )
}

function volatile(restart: Restart): Case {
  return full(
    'a broker that keeps nothing comes back empty, and works',
    async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect()
      await stage.send(connection, queue, fifty)
      const back = reconnected(connection)
      await restart.kill()
      await restart.start()
      await within(back, { what: 'Reconnecting' })
      await stage.send(connection, queue, ['new'])
      stage.expect(await stage.drain(connection, queue)).toEqual(['new'])
    },
    40_000,
  )
}

function reconnected(connection: Connection): Promise<unknown> {
  return new Promise((resolve) => connection.on('connected', resolve))
}

function freezeCases(freeze: NonNullable<BrokerFaults['freeze']>): readonly Case[] {
  return [
    full(
      'a broker that hangs for a moment delays, and loses nothing',
      async (stage) => {
        const queue = stage.queue()
        const connection = stage.connect()
        const inbox = new Inbox((message) => message.ack())
        await stage.consume(connection, queue, { prefetchCount: 10, onMessage: inbox.receive })
        await stage.send(stage.connect(), queue, fifty.slice(0, 25))
        await inbox.different(25)
        const thaw = await freeze()
        const publishing = stage.send(connection, queue, fifty.slice(25))
        await sleep(1_000)
        stage.expect(inbox.messages.length).toBe(25)
        await thaw()
        await publishing
        stage.expect(await inbox.different(50, 10_000)).toEqual(fifty)
      },
      40_000,
    ),

    full('a publish to a broker that hangs ends at its deadline, as unknown', async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect()
      await stage.declare(connection, queue)
      const thaw = await freeze()
      try {
        const began = performance.now()
        const publishing = connection
          .producer()
          .publish(1, { routingKey: queue.name, timeoutMs: 300 })
        await stage.refused(publishing, { code: 'OUTCOME_UNKNOWN' })
        stage.expect(performance.now() - began).toBeLessThan(1_000)
      } finally {
        await thaw()
      }
    }),

    full('closing a connection to a broker that hangs ends in time', async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect({ operationTimeoutMs: 500 })
      await stage.consume(connection, queue)
      const thaw = await freeze()
      try {
        const closing = connection.close().catch(() => undefined)
        await within(closing, { what: 'close()', timeoutMs: 3_000 })
      } finally {
        await thaw()
      }
    }),
  ]
}

function refusalCases(refusal: BrokerRefusal): readonly Case[] {
  return [
    full(`${refusal.name}: publish says so, and works again afterwards`, async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect({ operationTimeoutMs: 3_000 })
      await stage.send(connection, queue, [0])
      const end = await refusal.begin()
      try {
        const error = await stage.refused(
          connection.producer().publish(1, { routingKey: queue.name }),
          {},
        )
        stage
          .expect(['REFUSED', 'OUTCOME_UNKNOWN', 'CONNECTION_LOST', 'CONNECTION_REFUSED'])
          .toContain('code' in error ? error.code : error.message)
      } finally {
        await end()
      }
      await within(publishUntilTaken(connection, queue.name), { what: 'A publish that works' })
      const bodies = await stage.drain(connection, queue)
      stage.expect(bodies[0]).toBe(0)
      stage.expect(bodies.at(-1)).toBe('after')
    }),

    full(
      `${refusal.name}: a consumer loses nothing and goes on by itself`,
      async (stage) => {
        const queue = stage.queue()
        const connection = stage.connect()
        connection.on('warning', () => undefined)
        await stage.send(connection, queue, fifty)
        const inbox = new Inbox((message) => setTimeout(() => message.ack(), 5))
        const end = await refusal.begin()
        try {
          await stage
            .consume(connection, queue, { prefetchCount: 5, onMessage: inbox.receive })
            .catch(() => undefined)
          await sleep(500)
        } finally {
          await end()
        }
        const late = await stage.consume(stage.connect(), queue, { settle: (m) => m.ack() })
        const all = async () => {
          while (new Set([...inbox.bodies, ...late.inbox.bodies]).size < fifty.length)
            await sleep(10)
        }
        await within(all(), { what: 'Delivery of everything', timeoutMs: 25_000 })
      },
      60_000,
    ),
  ]
}

async function publishUntilTaken(connection: Connection, routingKey: string): Promise<void> {
  for (;;) {
    try {
      return await connection.producer().publish('after', { routingKey })
    } catch {
      await sleep(20)
    }
  }
}
