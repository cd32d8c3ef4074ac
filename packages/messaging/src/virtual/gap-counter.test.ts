import { expect, test } from 'vitest'
import type { IncomingMessage } from '../message/envelope.ts'
import { GapCounter } from './gap-counter.ts'

interface Broadcast {
  readonly sender?: string
  readonly sequence?: unknown
  readonly key?: string
  readonly redelivered?: boolean
}

function broadcast(given: Broadcast): IncomingMessage {
  const { sender = 's', sequence, key = 'k', redelivered = false } = given
  return {
    exchange: 'e',
    routingKey: key,
    contentType: undefined,
    contentEncoding: undefined,
    headers: {},
    properties: { sender, sequence },
    body: { data: '', encoding: 'utf-8' },
    deliveryTag: '',
    redelivered,
    deliveryInfo: {},
    missedCount: 0,
  }
}

function missed(...broadcasts: readonly Broadcast[]): readonly number[] {
  const counter = new GapCounter()
  return broadcasts.map((one) => counter.missedBefore(broadcast(one)))
}

test('the first broadcast of a sender is never a gap', () => {
  expect(missed({ sequence: 7 })).toEqual([0])
})

test('numbers that are left out are counted', () => {
  expect(missed({ sequence: 1 }, { sequence: 2 }, { sequence: 6 }, { sequence: 7 })).toEqual([
    0, 0, 3, 0,
  ])
})

test('senders and keys are counted apart', () => {
  expect(
    missed(
      { sequence: 1 },
      { sequence: 5, sender: 'other' },
      { sequence: 5, key: 'other' },
      { sequence: 3 },
    ),
  ).toEqual([0, 0, 0, 1])
})

test('redelivered, repeated and unnumbered broadcasts are no gaps', () => {
  expect(
    missed(
      { sequence: 3 },
      { sequence: 9, redelivered: true },
      { sequence: 3 },
      { sequence: 'x' },
      { sequence: 4 },
    ),
  ).toEqual([0, 0, 0, 0, 0])
})
