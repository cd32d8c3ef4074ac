import { expect, test } from 'vitest'
import { ConsumerTable, type VirtualConsumer } from './consumer-table.ts'
import { GapCounter } from './gap-counter.ts'

function consumer(
  tag: string,
  queue: string,
  more: Partial<VirtualConsumer> = {},
): VirtualConsumer {
  const sink = { onDelivery: () => undefined, onCancelled: () => undefined }
  return {
    ...{ tag, queue, sink, noAck: false, isBroadcast: false, isStored: true },
    gaps: new GapCounter(),
    ...more,
  }
}

function table(...consumers: readonly VirtualConsumer[]): ConsumerTable {
  const made = new ConsumerTable()
  for (const one of consumers) made.add(one)
  return made
}

test('the consumers of a queue take turns', () => {
  const consumers = table(consumer('1', 'q'), consumer('2', 'q'), consumer('3', 'q'))
  const turns = Array.from({ length: 5 }, () => consumers.next('q')?.tag)
  expect(turns).toEqual(['1', '2', '3', '1', '2'])
})

test('a removed consumer has no turn, and a queue without consumers is not taken from', () => {
  const consumers = table(consumer('1', 'q'), consumer('2', 'q'))
  expect(consumers.remove('1')?.tag).toBe('1')
  expect(consumers.remove('1')).toBeUndefined()
  expect(consumers.next('q')?.tag).toBe('2')
  consumers.remove('2')
  expect(consumers.next('q')).toBeUndefined()
  expect(consumers.storedQueues(false)).toEqual([])
  expect(consumers.isEmpty).toBe(true)
})

test('the queue that was served goes to the end', () => {
  const consumers = table(consumer('1', 'a'), consumer('2', 'b'), consumer('3', 'c'))
  consumers.served('a')
  expect(consumers.storedQueues(false)).toEqual(['b', 'c', 'a'])
  consumers.served('unknown')
  expect(consumers.storedQueues(false)).toEqual(['b', 'c', 'a'])
})

test('queues are told apart by what their consumers want', () => {
  const consumers = table(
    consumer('1', 'leased'),
    consumer('2', 'removed', { noAck: true }),
    consumer('3', 'broadcast', { isBroadcast: true, isStored: false }),
    consumer('4', 'both', { isBroadcast: true }),
  )
  expect(consumers.storedQueues(false)).toEqual(['leased', 'both'])
  expect(consumers.storedQueues(true)).toEqual(['removed'])
  expect(consumers.broadcastQueues()).toEqual(['broadcast', 'both'])
})
