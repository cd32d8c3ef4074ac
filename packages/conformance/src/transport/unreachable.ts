/** Brokers that cannot be reached say why, in time, and close. */
import { Connection } from '@dashi/messaging'
import { type Case, type CaseGroup, full } from '../case.ts'
import type { ProcessAccess, UnreachableTransport } from '../setup.ts'
import { rejection, within } from '../stage/eventually.ts'
import type { Stage } from '../stage/stage.ts'

export const unreachableCases: CaseGroup = {
  name: 'unreachable',
  cases: ({ setup }) => [
    ...(setup.unreachable ?? []).flatMap(casesOf),
    full('a URL scheme that nobody speaks is refused at once, by name', async (stage) => {
      const connection = stage.adopt(new Connection('carrier-pigeon://localhost'))
      const error = await stage.refused(connection.connect(), { code: 'UNKNOWN_SCHEME' })
      stage.expect(error.message).toContain('carrier-pigeon')
    }),
    ...(setup.process ? [failover(setup.process)] : []),
  ],
}

function failover({ url, transportOptions = {} }: ProcessAccess): Case {
  return full('an address that cannot be used is passed over, also after a cut', async (stage) => {
    const addresses = ['carrier-pigeon://nowhere', url]
    const connection = stage.adopt(new Connection(addresses, { transportOptions }))
    const queue = stage.queue()
    await connection.connect()
    const { inbox } = await stage.consume(connection, queue, { settle: (m) => m.ack() })
    const back = new Promise((resolve) => connection.on('connected', resolve))
    connection.switchToNext()
    connection.collect()
    await within(back, { what: 'Reconnecting' })
    await stage.send(connection, queue, [1])
    await inbox.arrived(1)
  })
}

function casesOf(target: UnreachableTransport): readonly Case[] {
  const { name, code, withinMs = 2_000 } = target
  return [
    full(`${name}: connect() rejects with ${code} within ${withinMs} ms`, async (stage) => {
      const connection = await open(stage, target)
      const began = performance.now()
      const error = await rejection(connection.connect())
      stage.expect(error).toMatchObject({ code })
      stage.expect(performance.now() - began).toBeLessThan(withinMs)
      stage.expect(connection.connected).toBe(false)
      stage.expect(connection.lastError).toMatchObject({ code })
    }),

    full(`${name}: publish and consume reject with ${code}`, async (stage) => {
      const connection = await open(stage, target)
      const began = performance.now()
      const publishing = connection.producer().publish(1, { routingKey: 'q' })
      const consuming = connection.consumer({ queues: stage.queue(), onMessage: () => undefined })
      const errors = await Promise.all([rejection(publishing), rejection(consuming.consume())])
      for (const error of errors) stage.expect(error).toMatchObject({ code })
      const limitMs = target.isHopeless ? withinMs : withinMs + 1_000
      stage.expect(performance.now() - began).toBeLessThan(limitMs)
    }),

    full(`${name}: close() ends an attempt that is under way`, async (stage) => {
      const connection = await open(stage, target)
      const connecting = rejection(connection.ready())
      await new Promise((resolve) => setTimeout(resolve, 20))
      await within(connection.close(), { what: 'close()', timeoutMs: 1_000 })
      await connecting
    }),
  ]
}

async function open(stage: Stage, target: UnreachableTransport): Promise<Connection> {
  const options = { connectTimeoutMs: 1_000, backoff: { startMs: 10, maxMs: 100 } }
  return stage.adopt(await target.open(options))
}
