/** SimpleQueue here, SimpleQueue there; SimpleBuffer too. */
import type { Scenario } from '../scenario.ts'
import { jsonOf } from './ends.ts'
import { difference } from './expect.ts'

/** Both ways. */
export const simpleQueueScenarios: readonly Scenario[] = [false, true].flatMap((buffer) => {
  const kind = buffer ? 'SimpleBuffer' : 'SimpleQueue'
  return [
    {
      name: `our ${kind}, read by that of Kombu`,
      run: async ({ ours, peer, connection, unique: queue }) => {
        await using simple = buffer ? ours.simpleBuffer(queue) : ours.simpleQueue(queue)
        await simple.put({ hello: 'world' })
        const reading = { connection, queue, buffer, timeout: 10 }
        const { message } = await peer.request('simple_get', reading)
        return difference('body', jsonOf(message), { hello: 'world' })
      },
    },
    {
      name: `the ${kind} of Kombu, read by ours`,
      run: async ({ ours, peer, connection, unique: queue }) => {
        const body = { json: { hello: 'back' } }
        await peer.request('simple_put', { connection, queue, buffer, body })
        await using simple = buffer ? ours.simpleBuffer(queue) : ours.simpleQueue(queue)
        const message = await simple.get({ timeoutMs: 10_000 })
        if (!buffer) message.ack()
        return difference('body', message.payload, { hello: 'back' })
      },
    },
  ] satisfies readonly Scenario[]
})
