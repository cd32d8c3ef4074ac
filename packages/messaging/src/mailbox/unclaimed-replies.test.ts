import { expect, test } from 'vitest'
import { UnclaimedReplies } from './unclaimed-replies.ts'

test('UnclaimedReplies gives back what came for a ticket, once', () => {
  const unclaimed = new UnclaimedReplies()
  unclaimed.add('a', { host: 1 })
  unclaimed.add('b', { host: 2 })
  unclaimed.add('a', { other: 3 })
  expect(unclaimed.tickets).toEqual(['a', 'b'])
  expect(unclaimed.take('a')).toEqual([{ host: 1 }, { other: 3 }])
  expect(unclaimed.take('a')).toEqual([])
  expect(unclaimed.size).toBe(1)
})

test('UnclaimedReplies forgets the oldest ticket beyond its limit, and counts it', () => {
  const unclaimed = new UnclaimedReplies(2)
  for (const ticket of ['a', 'b', 'c']) unclaimed.add(ticket, { host: ticket })
  expect(unclaimed.tickets).toEqual(['b', 'c'])
  expect([unclaimed.size, unclaimed.droppedCount]).toEqual([2, 1])
})
