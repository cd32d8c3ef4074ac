import { expect, test } from 'vitest'
import { EnvelopeMessage } from './envelope-message.ts'
import { type HeldMessage, HeldMessages } from './held-messages.ts'

function held(queue: string, token: string): HeldMessage {
  const message = new EnvelopeMessage({ properties: { delivery_info: {} } }, queue)
  return { lease: { queue, payload: '', token }, message, isBroadcast: false }
}

function filled(...tokens: readonly string[]): HeldMessages {
  const messages = new HeldMessages()
  for (const token of tokens) messages.add(held(token.startsWith('b') ? 'b' : 'a', token))
  return messages
}

const tokens = (messages: readonly HeldMessage[]) => messages.map(({ lease }) => lease.token)

test('handles ascend from 1', () => {
  const messages = new HeldMessages()
  expect([messages.add(held('a', 'x')), messages.add(held('a', 'y'))]).toEqual([1, 2])
})

test('take() gives a message once', () => {
  const messages = filled('a1', 'a2')
  expect(messages.take(1)?.lease.token).toBe('a1')
  expect(messages.take(1)).toBeUndefined()
  expect(messages.size).toBe(1)
})

test('takeUpTo() takes it and all before, in order', () => {
  const messages = filled('a1', 'a2', 'a3', 'a4')
  messages.take(2)
  expect(tokens(messages.takeUpTo(3))).toEqual(['a1', 'a3'])
  expect(messages.size).toBe(1)
})

test('takeAllOf() takes those of one queue', () => {
  const messages = filled('a1', 'b1', 'a2')
  expect(tokens(messages.takeAllOf('a'))).toEqual(['a1', 'a2'])
  expect(messages.size).toBe(1)
})

test('takeAllNewestFirst() takes all, and they count as released from then on', () => {
  const messages = filled('a1', 'a2')
  expect(messages.wasReleased(1)).toBe(false)
  expect(tokens(messages.takeAllNewestFirst())).toEqual(['a2', 'a1'])
  const later = messages.add(held('a', 'a3'))
  expect([messages.wasReleased(1), messages.wasReleased(2), messages.wasReleased(later)]).toEqual([
    true,
    true,
    false,
  ])
})
