import { describe, expect, test } from 'vitest'
import { QueueOrder, type QueueOrderStrategy } from './queue-order.ts'

const request = { queues: ['b', 'a', 'c'], limit: 10, noAck: false }

/** Queues in the order of each take, when every take is served by the first of them. */
function orders(strategy: QueueOrderStrategy, count: number): readonly string[] {
  const order = new QueueOrder(strategy)
  return Array.from({ length: count }, () => {
    const { queues } = order.arranged(request)
    order.served(request, [{ queue: queues[0] ?? '' }])
    return queues.join('')
  })
}

describe('queueOrderStrategy', () => {
  test('round_robin: who was served comes last', () => {
    expect(orders('round_robin', 4)).toEqual(['bac', 'acb', 'cba', 'bac'])
  })

  test('priority: as the consumer named them', () => {
    expect(orders('priority', 3)).toEqual(['bac', 'bac', 'bac'])
  })

  test('sorted: by name', () => {
    expect(orders('sorted', 3)).toEqual(['abc', 'abc', 'abc'])
  })

  test('a take that found several queues puts all of them behind the others', () => {
    const order = new QueueOrder('round_robin')
    order.served(request, [{ queue: 'b' }, { queue: 'b' }, { queue: 'c' }])
    expect(order.arranged(request).queues).toEqual(['a', 'b', 'c'])
    expect(order.arranged(request)).toMatchObject({ limit: 10, noAck: false })
  })

  test('a single queue is left alone', () => {
    const alone = { ...request, queues: ['a'] }
    expect(new QueueOrder('round_robin').arranged(alone)).toBe(alone)
  })
})
