/** SimpleQueue here, SimpleQueue there. */
import type { Scenario } from '../scenario.ts'
import { jsonOf } from './ends.ts'
import { difference } from './expect.ts'

/** Both ways. */
export const simpleQueueScenarios: readonly Scenario[] = [
  {
    name: 'our SimpleQueue, read by that of Kombu',
    brokers: ['redis', 'sqlite'],
    run: async ({ ours, peer, connection, unique: queue }) => {
      const simple = ours.simpleQueue(queue)
      await simple.put({ hello: 'world' })
      await simple.close()
      const { message } = await peer.request('simple_get', { connection, queue, timeout: 10 })
      return difference('body', jsonOf(message), { hello: 'world' })
    },
  },
  {
    name: 'the SimpleQueue of Kombu, read by ours',
    brokers: ['redis', 'sqlite'],
    run: async ({ ours, peer, connection, unique: queue }) => {
      await peer.request('simple_put', { connection, queue, body: { json: { hello: 'back' } } })
      const simple = ours.simpleQueue(queue)
      const message = await simple.get({ timeoutMs: 10_000 })
      message.ack()
      await simple.close()
      return difference('body', message.payload, { hello: 'back' })
    },
  },
]
