/** Both sides serve priorities in the same order: on Redis, 0 first. */
import type { Scenario } from '../scenario.ts'
import { ackAll, consumeTheirs, jsonOf, publishOurs, publishTheirs, receiveOurs } from './ends.ts'
import { difference } from './expect.ts'

const priorities = [9, 0, 6, 3]
const served = [0, 3, 6, 9]

/** Priorities, both ways. */
export const priorityScenarios: readonly Scenario[] = [
  {
    name: 'our priorities, served by Kombu',
    brokers: ['redis'],
    run: async (ends) => {
      for (const priority of priorities) await publishOurs(ends, { priority }, priority)
      const messages = await consumeTheirs(ends, priorities.length)
      return difference(
        'order',
        messages.map(jsonOf),
        served.map((priority) => ({ priority })),
      )
    },
  },
  {
    name: 'priorities of Kombu, served by us',
    brokers: ['redis'],
    run: async (ends) => {
      for (const priority of priorities) await publishTheirs(ends, { priority }, priority)
      const bodies = await receiveOurs(ends, priorities.length, ackAll)
      return difference(
        'order',
        bodies,
        served.map((priority) => ({ priority })),
      )
    },
  },
]
