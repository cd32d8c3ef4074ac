/** What one side rejects, the other finds in the queue of dead letters. */
import type { Scenario } from '../scenario.ts'
import {
  ackAll,
  consumeTheirs,
  holdTheirs,
  jsonOf,
  publishOurs,
  publishTheirs,
  receiveOurs,
  sharedQueue,
} from './ends.ts'
import { difference } from './expect.ts'

/** Ours works on every broker; Kombu leaves it to the broker. */
export const deadLetterScenarios: readonly Scenario[] = [
  {
    name: 'what we reject, Kombu gets as a dead letter',
    run: async (ends) => {
      const dead = sharedQueue(ends, { suffix: '-dead' })
      const queue = sharedQueue(ends, { deadLetterQueue: dead.ours.name })
      await dead.ours.declare(ends.ours.defaultChannel)
      await publishTheirs(ends, 'rejected', { queue })
      await receiveOurs({ ...ends, queue }, 1, ([message]) => message?.reject())
      const [letter] = await consumeTheirs(ends, 1, dead)
      return (
        difference('body', jsonOf(letter), 'rejected') ??
        difference('deaths', deathsOf(letter?.headers), [[queue.ours.name, 'rejected']])
      )
    },
  },
  {
    name: 'what Kombu rejects, we get as a dead letter',
    needs: ({ deadLetters }) => deadLetters,
    run: async (ends) => {
      const dead = sharedQueue(ends, { suffix: '-dead' })
      const queue = sharedQueue(ends, { deadLetterQueue: dead.ours.name })
      await dead.ours.declare(ends.ours.defaultChannel)
      await publishOurs(ends, 'rejected', { queue })
      await ends.peer.request('reject', { message: await holdTheirs(ends, queue) })
      const bodies = await receiveOurs({ ...ends, queue: dead }, 1, ackAll)
      return difference('bodies', bodies, ['rejected'])
    },
  },
]

function deathsOf(headers: Readonly<Record<string, unknown>> | undefined): unknown {
  const deaths = headers?.['x-death']
  if (!Array.isArray(deaths)) return deaths
  return deaths.map(({ queue, reason }) => [queue, reason])
}
