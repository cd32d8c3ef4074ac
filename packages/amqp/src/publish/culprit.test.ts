import { ChannelError, type OutgoingMessage } from '@dashi/messaging/transport'
import { expect, test } from 'vitest'
import { blamed } from './culprit.ts'
import type { Pending } from './pending.ts'

function pending(exchange: string, body = 'x'): Pending {
  const message = { exchange, routingKey: 'k', body } as OutgoingMessage
  const settle = { resolve: () => undefined, reject: () => undefined }
  return { message, deadlineAt: 0, isReturned: false, isSettled: false, ...settle }
}

const said = (text: string) => new ChannelError('NOT_FOUND', '', { cause: new Error(text) })

test('before the culprit nobody knows, behind it nothing was looked at', () => {
  const [before, culprit, behind, again] = [
    pending('there'),
    pending('gone'),
    pending('there'),
    pending('gone'),
  ]
  const error = said(
    `Channel closed by server: 404 (NOT-FOUND) with message "NOT_FOUND - no exchange 'gone' in vhost '/'"`,
  )
  expect(blamed([before, culprit, behind, again], error)).toEqual({
    unknown: [before],
    rejected: [culprit, again],
    untouched: [behind],
  })
})

test('a body that is too large is known by its size', () => {
  const [small, large] = [pending('e', 'x'), pending('e', 'ü'.repeat(10))]
  const error = said('PRECONDITION_FAILED - message size 20 is larger than configured max size 10')
  expect(blamed([small, large], error)).toEqual({
    unknown: [small],
    rejected: [large],
    untouched: [],
  })
})

test('the only one in flight is the culprit', () => {
  const only = pending('e')
  expect(blamed([only], said('PRECONDITION_FAILED - user_id')).rejected).toEqual([only])
})

test('where the broker names nobody, nobody knows of any', () => {
  const all = [pending('a'), pending('b')]
  expect(blamed(all, said('PRECONDITION_FAILED - user_id')).unknown).toEqual(all)
  expect(blamed(all, undefined).unknown).toEqual(all)
  expect(blamed([], undefined)).toEqual({ rejected: [], unknown: [], untouched: [] })
})
