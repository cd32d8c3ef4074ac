/** A message that one side puts back reaches the other. */
import type { Scenario } from '../scenario.ts'
import {
  ackAll,
  consumeTheirs,
  holdTheirs,
  jsonOf,
  publishOurs,
  publishTheirs,
  receiveOurs,
} from './ends.ts'
import { difference } from './expect.ts'

/** Requeue and reject, both ways. */
export const requeueScenarios: readonly Scenario[] = [
  {
    name: 'we requeue, Kombu gets it',
    run: async (ends) => {
      await publishTheirs(ends, { n: 1 })
      await receiveOurs(ends, 1, ([message]) => message?.requeue())
      const [again] = await consumeTheirs(ends)
      return difference('body', jsonOf(again), { n: 1 })
    },
  },
  {
    name: 'Kombu requeues, we get it',
    run: async (ends) => {
      await publishOurs(ends, { n: 2 })
      await ends.peer.request('requeue', { message: await holdTheirs(ends) })
      const body = await receiveOurs(ends, 1, ackAll)
      return difference('body', body, [{ n: 2 }])
    },
  },
  {
    name: 'what we reject is gone for Kombu',
    run: async (ends) => {
      await publishTheirs(ends, 'rejected')
      await receiveOurs(ends, 1, ([message]) => message?.reject())
      await publishTheirs(ends, 'next')
      const [next] = await consumeTheirs(ends)
      return difference('body', jsonOf(next), 'next')
    },
  },
  {
    name: 'what Kombu rejects is gone for us',
    run: async (ends) => {
      await publishOurs(ends, 'rejected')
      await ends.peer.request('reject', { message: await holdTheirs(ends) })
      await publishOurs(ends, 'next')
      const bodies = await receiveOurs(ends, 1, ackAll)
      return difference('bodies', bodies, ['next'])
    },
  },
]
