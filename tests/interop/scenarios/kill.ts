/** Whoever is killed while it holds a message, the other side gets it. */
import { Connection } from '@dashi/messaging'
import { startKombuPeer } from '../kombu-peer.ts'
import type { Ends, Scenario } from '../scenario.ts'
import { ackAll, consumeTheirs, jsonOf, publishOurs, publishTheirs, receiveOurs } from './ends.ts'
import { difference } from './expect.ts'
import { startHolder } from './holder.ts'

/** A second is the least that Kombu's sweeper knows. */
const visibilitySeconds = 1

/** Restores after a kill, by either side's sweeper. */
export const killScenarios: readonly Scenario[] = [
  {
    name: 'our consumer is killed, we give back, Kombu gets it',
    brokers: ['redis', 'sqlite'],
    run: async (ends) => {
      await publishTheirs(ends, 'held by us')
      const holder = await startHolder(ends.address.url, ends.unique)
      await holder.kill()
      await using sweeping = await sweepingConnection(ends, { leaseMs: holder.leaseMs })
      const [again] = await consumeTheirs(ends)
      return (
        difference('body', jsonOf(again), 'held by us') ??
        (sweeping.connected ? undefined : 'the sweeper is away')
      )
    },
  },
  {
    name: 'our consumer is killed, Kombu gives back and gets it',
    brokers: ['redis'],
    run: async (ends) => {
      await publishTheirs(ends, 'held by us')
      const holder = await startHolder(ends.address.url, ends.unique)
      await holder.kill()
      await using peer = await startKombuPeer(ends.python)
      const transport_options = { visibility_timeout: visibilitySeconds }
      const { connection } = await peer.request('connect', {
        url: ends.address.url,
        transport_options,
      })
      for (let round = 0; round < 15; round += 1) {
        const request = { connection, queues: [{ name: ends.unique }], timeout: 2 }
        const [again] = (await peer.request('consume', request)).messages
        if (again) return difference('body', jsonOf(again), 'held by us')
      }
      return 'Kombu gave nothing back'
    },
  },
  {
    name: 'a consumer of Kombu is killed, we give back and get it',
    brokers: ['redis'],
    run: async (ends) => {
      await publishOurs(ends, 'held by Kombu')
      await holdAndDie(ends)
      const visibilityTimeoutMs = visibilitySeconds * 1000
      await using sweeping = await sweepingConnection(ends, { leaseMs: 1000, visibilityTimeoutMs })
      const bodies = await receiveOurs({ ours: sweeping, unique: ends.unique }, 1, ackAll)
      return difference('bodies', bodies, ['held by Kombu'])
    },
  },
]

async function holdAndDie(ends: Ends): Promise<void> {
  const peer = await startKombuPeer(ends.python)
  const { connection } = await peer.request('connect', { url: ends.address.url })
  const { consumer } = await peer.request('subscribe', {
    connection,
    queues: [{ name: ends.unique }],
  })
  await peer.request('receive', { consumer, timeout: 15 })
  await peer.kill()
}

/** A connection that looks after what the dead left, as any that consumes does. */
async function sweepingConnection(
  ends: Ends,
  transportOptions: Record<string, number>,
): Promise<Connection> {
  const connection = new Connection(ends.address.url, { transportOptions })
  await connection.defaultChannel.get(`${ends.unique}-other`)
  return connection
}
