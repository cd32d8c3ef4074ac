/** Whoever is killed while it holds a message, the other side gets it. */
import { Connection } from '@dashi/messaging'
import { startKombuPeer } from '../kombu-peer.ts'
import type { Ends, Scenario } from '../scenario.ts'
import {
  ackAll,
  consumeTheirs,
  jsonOf,
  publishOurs,
  publishTheirs,
  receiveOurs,
  sharedQueue,
} from './ends.ts'
import { difference } from './expect.ts'
import { startHolder } from './holder.ts'

/** A second is the least that Kombu's sweeper knows. */
const visibilitySeconds = 1

/** Restores after a kill, by either side's sweeper, or by the broker. */
export const killScenarios: readonly Scenario[] = [
  {
    name: 'our consumer is killed, Kombu gets what it held',
    run: async (ends) => {
      await publishTheirs(ends, 'held by us')
      const options = leaseOptions(ends)
      const holder = await startHolder(ends.address.url, ends.unique, options)
      await holder.kill()
      await using sweeping = await sweepingConnection(ends, options)
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
      const holder = await startHolder(ends.address.url, ends.unique, leaseOptions(ends))
      await holder.kill()
      await using peer = await startKombuPeer(ends.python)
      const transport_options = { visibility_timeout: visibilitySeconds }
      const connecting = { url: ends.address.url, transport_options }
      const { connection } = await peer.request('connect', connecting)
      for (let round = 0; round < 15; round += 1) {
        const request = { connection, queues: [{ name: ends.unique }], timeout: 2 }
        const [again] = (await peer.request('consume', request)).messages
        if (again) return difference('body', jsonOf(again), 'held by us')
      }
      return 'Kombu gave nothing back'
    },
  },
  {
    name: 'a consumer of Kombu is killed, we get what it held',
    needs: ({ killedHolder }) => killedHolder === 'returns',
    run: async (ends) => {
      await publishOurs(ends, 'held by Kombu')
      await holdAndDie(ends)
      const visibility = { visibilityTimeoutMs: visibilitySeconds * 1000 }
      const options = ends.broker === 'redis' ? visibility : {}
      await using sweeping = await sweepingConnection(ends, { ...leaseOptions(ends), ...options })
      const bodies = await receiveOurs({ ours: sweeping, unique: ends.unique }, 1, ackAll)
      return difference('bodies', bodies, ['held by Kombu'])
    },
  },
]

/** RabbitMQ sees at once who is dead. */
function leaseOptions({ broker }: Ends): Readonly<Record<string, number>> {
  return broker === 'rabbitmq' ? {} : { leaseMs: 1000 }
}

async function holdAndDie(ends: Ends): Promise<void> {
  const peer = await startKombuPeer(ends.python)
  const { connection } = await peer.request('connect', ends.address.kombu)
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
  transportOptions: Readonly<Record<string, number>>,
): Promise<Connection> {
  const connection = new Connection(ends.address.url, { transportOptions })
  const other = sharedQueue(ends, { suffix: '-other' })
  await other.ours.declare(connection.defaultChannel)
  await connection.defaultChannel.get(other.ours.name)
  return connection
}
