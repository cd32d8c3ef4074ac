import type { OutgoingMessage } from '@dashi/messaging/transport'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ConfirmWindow } from './confirm-window.ts'
import type { Pending } from './pending.ts'

function pending(body: string, message: Partial<OutgoingMessage> = {}): Pending {
  return {
    message: {
      exchange: '',
      routingKey: 'k',
      contentType: 'text/plain',
      contentEncoding: 'utf-8',
      headers: {},
      properties: {},
      body,
      mandatory: true,
      ...message,
    },
    deadlineAt: 0,
    resolve: () => undefined,
    reject: () => undefined,
    isReturned: false,
    isSettled: false,
  }
}

const bodies = (all: readonly Pending[]) => all.map(({ message }) => message.body)
const once = { multiple: false, isTaken: true }
const through = { multiple: true, isTaken: true }

function windowOf(count: number): ConfirmWindow {
  const window = new ConfirmWindow()
  for (let number = 1; number <= count; number++) window.add(pending(String(number)))
  return window
}

describe('confirms', () => {
  test('in order, ahead of others, and several at once', () => {
    const window = windowOf(6)
    expect(bodies(window.confirm(1, once))).toEqual(['1'])
    expect(bodies(window.confirm(4, once))).toEqual(['4'])
    expect(bodies(window.confirm(3, through))).toEqual(['2', '3'])
    expect(window.size).toBe(2)
    expect(bodies(window.confirm(6, through))).toEqual(['5', '6'])
    expect(window.size).toBe(0)
  })

  test('of what is not there are about nothing', () => {
    const window = windowOf(1)
    expect(window.confirm(5, once)).toEqual([])
    expect(bodies(window.confirm(9, through))).toEqual(['1'])
    expect(window.confirm(1, once)).toEqual([])
  })

  test('one by one and backwards leave nothing behind', () => {
    const window = windowOf(4)
    for (const tag of [4, 3, 2, 1]) window.confirm(tag, once)
    expect(window.size).toBe(0)
    expect(window.first).toBeUndefined()
  })

  test('every message is confirmed once, whatever the order', () => {
    const step = fc.record({ tag: fc.integer({ min: 1, max: 60 }), multiple: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const window = windowOf(60)
        const open = new Set(Array.from({ length: 60 }, (_, index) => String(index + 1)))
        for (const { tag, multiple } of steps) {
          const expected = [...open].filter((body) =>
            multiple ? Number(body) <= tag : Number(body) === tag,
          )
          const confirmed = bodies(window.confirm(tag, { multiple, isTaken: true }))
          expect(confirmed).toEqual(expected)
          for (const body of expected) open.delete(body)
        }
        expect(bodies(window.takeAll())).toEqual([...open])
      }),
    )
  })
})

describe('returns', () => {
  const returned = (body: string, routingKey = 'k') => ({
    exchange: '',
    routingKey,
    messageId: undefined,
    correlationId: undefined,
    body: Buffer.from(body),
  })

  test('mark the message that they look like', () => {
    const window = windowOf(3)
    expect(window.markReturned(returned('2'))?.message.body).toBe('2')
    const confirmed = window.confirm(3, through)
    expect(confirmed.map((one) => one.isReturned)).toEqual([false, true, false])
  })

  test('mark equal messages one after the other', () => {
    const window = new ConfirmWindow()
    for (let count = 0; count < 3; count++) window.add(pending('same'))
    window.markReturned(returned('same'))
    window.markReturned(returned('same'))
    expect(window.confirm(3, through).map((one) => one.isReturned)).toEqual([true, true, false])
  })

  test('never mark what was confirmed, has another key, or need not be routed', () => {
    const window = new ConfirmWindow()
    window.add(pending('x'))
    window.add(pending('x'))
    window.add(pending('x', { routingKey: 'other' }))
    window.add(pending('x', { mandatory: false }))
    window.confirm(2, once)
    expect(window.markReturned(returned('x'))).toBe(window.first)
    expect(window.markReturned(returned('x'))).toBeUndefined()
  })

  test('of a thousand are found without a search of all', () => {
    const window = windowOf(1_000)
    for (let number = 1; number <= 1_000; number++) {
      expect(window.markReturned(returned(String(number)))?.message.body).toBe(String(number))
    }
  })
})
