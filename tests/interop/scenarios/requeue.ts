/** A message that one side puts back reaches the other. */
import type { Scenario } from '../scenario.ts'
import { ackAll, consumeTheirs, jsonOf, publishOurs, publishTheirs, receiveOurs } from './ends.ts'
import { difference } from './expect.ts'

/** Requeue and reject, both ways. */
export const requeueScenarios: readonly Scenario[] = [
  {
    name: 'we requeue, Kombu gets it',
    brokers: ['redis', 'sqlite'],
    run: async (ends) => {
      await publishTheirs(ends, { n: 1 })
      await receiveOurs(ends, 1, ([message]) => message?.requeue())
      const [again] = await consumeTheirs(ends)
      return difference('body', jsonOf(again), { n: 1 })
    },
  },
  {
    name: 'Kombu requeues, we get it',
    brokers: ['redis', 'sqlite'],
    run: async (ends) => {
      const { peer, connection, unique } = ends
      await publishOurs(ends, { n: 2 })
      const { message } = await peer.request('get', { connection, queue: { name: unique } })
      await peer.request('requeue', { message: message?.message ?? '' })
      const body = await receiveOurs(ends, 1, ackAll)
      return difference('body', body, [{ n: 2 }])
    },
  },
  {
    name: 'what we reject is gone for Kombu',
    brokers: ['redis', 'sqlite'],
    run: async (ends) => {
      await publishTheirs(ends, 'rejected')
      await receiveOurs(ends, 1, ([message]) => message?.reject())
      await publishTheirs(ends, 'next')
      const [next] = await consumeTheirs(ends)
      return difference('body', jsonOf(next), 'next')
    },
  },
]
