/** Both sides serve priorities in the same order, which is the broker's or Kombu's. */
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

const priorities = [6, 9, 0, 3]

function served({ facts }: Ends): readonly unknown[] {
  const order = facts.priorities === 'low-first' ? [0, 3, 6, 9] : [9, 6, 3, 0]
  return order.map((priority) => ({ priority }))
}

/** Priorities, both ways. */
export const priorityScenarios: readonly Scenario[] = [
  {
    name: 'our priorities, served by Kombu',
    needs: ({ priorities: served }) => served !== false,
    run: async (ends) => {
      const queue = sharedQueue(ends, { maxPriority: 10 })
      for (const priority of priorities) await publishOurs(ends, { priority }, { priority, queue })
      const messages = await consumeTheirs(ends, priorities.length, queue)
      return difference('order', messages.map(jsonOf), served(ends))
    },
  },
  {
    name: 'priorities of Kombu, served by us',
    needs: ({ priorities: served }) => served !== false,
    run: async (ends) => {
      const queue = sharedQueue(ends, { maxPriority: 10 })
      for (const priority of priorities) {
        await publishTheirs(ends, { priority }, { priority, queue })
      }
      const bodies = await receiveOurs({ ...ends, queue }, priorities.length, ackAll)
      return difference('order', bodies, served(ends))
    },
  },
]
