/** What one side lets expire, the other does not get. */
import type { Scenario } from '../scenario.ts'
import { ackAll, consumeTheirs, jsonOf, publishOurs, publishTheirs, receiveOurs } from './ends.ts'
import { difference } from './expect.ts'

/** Kombu leaves it to the broker, and does not write down when it published. */
export const expirationScenarios: readonly Scenario[] = [
  {
    name: 'what Kombu lets expire, we do not get',
    needs: ({ expiration }) => expiration,
    run: async (ends) => {
      await publishTheirs(ends, 'expired', { expiration: 0.001 })
      await ends.peer.request('drain', { connection: ends.connection, timeout: 0.05 })
      await publishTheirs(ends, 'fresh', { expiration: 60 })
      const bodies = await receiveOurs(ends, 1, ackAll)
      return difference('bodies', bodies, ['fresh'])
    },
  },
  {
    name: 'what we let expire, Kombu does not get',
    needs: ({ expiration }) => expiration,
    run: async (ends) => {
      await publishOurs(ends, 'expired', { expirationMs: 1 })
      await ends.peer.request('drain', { connection: ends.connection, timeout: 0.05 })
      await publishOurs(ends, 'fresh', { expirationMs: 60_000 })
      const messages = await consumeTheirs(ends)
      return difference('bodies', messages.map(jsonOf), ['fresh'])
    },
  },
]
