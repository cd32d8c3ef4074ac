import {
  ChannelError,
  type MessageProperties,
  type OutgoingMessage,
} from '@dashi/messaging/transport'
import { expect, test } from 'vitest'
import { blamed } from './culprit.ts'
import type { Pending } from './pending.ts'

function pending(
  exchange: string,
  body = 'x',
  properties: MessageProperties = {},
  routingKey = 'k',
): Pending {
  const message = { exchange, routingKey, body, properties } as OutgoingMessage
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

test.each([
  [
    "PRECONDITION_FAILED - user_id property set to 'eve' but authenticated user was 'guest'",
    pending('e', 'x', { userId: 'eve' }),
  ],
  [
    'PRECONDITION_FAILED - invalid expiration \'soon\': {leftover_string,"soon"}',
    pending('e', 'x', { expiration: 'soon' }),
  ],
  [
    "ACCESS_REFUSED - access to topic 'a.b' in exchange 'e' in vhost '/' refused for user 'guest'",
    pending('e', 'x', {}, 'a.b'),
  ],
])('%s', (text, culprit) => {
  const [before, behind] = [pending('e', 'x', { userId: 'guest' }), pending('e')]
  expect(blamed([before, culprit, behind], said(text))).toEqual({
    unknown: [before],
    rejected: [culprit],
    untouched: [behind],
  })
})

test('the only one in flight is the culprit', () => {
  const only = pending('e')
  expect(blamed([only], said('PRECONDITION_FAILED - user_id')).rejected).toEqual([only])
})

test('where the broker names nobody, nobody knows of any', () => {
  const all = [pending('a'), pending('b')]
  expect(blamed(all, said('PRECONDITION_FAILED - something else')).unknown).toEqual(all)
  expect(blamed(all, undefined).unknown).toEqual(all)
  expect(blamed([], undefined)).toEqual({ rejected: [], unknown: [], untouched: [] })
})
