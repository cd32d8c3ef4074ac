/** pidbox both ways, over both types of mailbox. */
import { Mailbox } from '@dashi/messaging'
import type { Scenario } from '../scenario.ts'
import { difference } from './expect.ts'

/** Where bindings are shared: not over SQL. */
export const mailboxScenarios: readonly Scenario[] = (['direct', 'fanout'] as const).flatMap(
  (type) => [
    {
      name: `we call a node of Kombu (${type})`,
      needs: ({ mailboxes }) => mailboxes,
      run: async ({ ours, peer, connection, unique: namespace }) => {
        const { node } = await peer.request('node', { connection, namespace, type, hostname: 'py' })
        const mailbox = new Mailbox(namespace, { type, connection: ours })
        const replies = await mailbox.call(['py'], 'add', { x: 1, y: 2 }, { timeoutMs: 10_000 })
        await peer.request('stop_node', { node })
        return difference('replies', replies, [{ py: 3 }])
      },
    },
    {
      name: `Kombu calls a node of ours (${type})`,
      needs: ({ mailboxes }) => mailboxes,
      run: async ({ ours, peer, connection, unique: namespace }) => {
        const add = (_state: unknown, { x, y }: Record<string, unknown>) => Number(x) + Number(y)
        const node = new Mailbox(namespace, { type, connection: ours }).node('ts', {
          handlers: { add },
        })
        const listening = await node.listen()
        const { mailbox } = await peer.request('mailbox', { connection, namespace, type })
        const call = { mailbox, command: 'add', destination: ['ts'], timeout: 10 }
        const { replies } = await peer.request('call', { ...call, arguments: { x: 2, y: 3 } })
        await listening.close()
        return difference('replies', replies, [{ ts: 5 }])
      },
    },
  ],
)
