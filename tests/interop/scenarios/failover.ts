/** The first of two addresses leads nowhere; the other side is met at the second. */
import { Connection } from '@dashi/messaging'
import type { Scenario } from '../scenario.ts'
import { ackAll, consumeTheirs, jsonOf, publishOurs, publishTheirs, receiveOurs } from './ends.ts'
import { difference } from './expect.ts'

/** Nobody listens on the port of `tcpmux`. */
function nowhere(url: string): string {
  const there = new URL(url)
  there.port = '1'
  return there.href
}

/** Only brokers that are somewhere on a network. */
export const failoverScenarios: readonly Scenario[] = [
  {
    name: 'we fail over, Kombu gets what we publish then',
    brokers: ['redis', 'rabbitmq'],
    run: async (ends) => {
      const { url } = ends.address
      await using ours = new Connection([nowhere(url), url])
      await publishOurs({ ...ends, ours }, 'from the second')
      const [message] = await consumeTheirs(ends)
      return difference('body', jsonOf(message), 'from the second')
    },
  },
  {
    name: 'Kombu fails over, we get what it publishes then',
    brokers: ['redis', 'rabbitmq'],
    run: async (ends) => {
      const { url } = ends.address
      const addresses = `${nowhere(url)};${url}`
      const { connection } = await ends.peer.request('connect', { url: addresses })
      await publishTheirs({ ...ends, connection }, 'from the second')
      const bodies = await receiveOurs(ends, 1, ackAll)
      return difference('bodies', bodies, ['from the second'])
    },
  },
]
