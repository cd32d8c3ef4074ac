import type { Outcome } from '@dashi/messaging/transport'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FrameReader } from '../wire/frame-reader.ts'
import { WriteBuffer } from '../wire/write-buffer.ts'
import { Settlements } from './settlements.ts'

interface Written {
  readonly method: 'ack' | 'nack'
  readonly deliveryTag: number
  readonly multiple: boolean
  readonly requeue: boolean
}

class Subject {
  readonly buffer = new WriteBuffer()
  readonly settlements = new Settlements({ buffer: this.buffer, channel: 1 })

  deliver(count: number): this {
    for (let tag = 1; tag <= count; tag++) this.settlements.add(tag, 'consumed')
    return this
  }

  settle(tag: number, outcome: Outcome = 'ack', multiple = false): this {
    this.settlements.settle(tag, outcome, multiple)
    return this
  }

  /** What the broker is told. */
  written(): readonly Written[] {
    this.settlements.flush()
    const reader = new FrameReader(4_096, this.buffer.take())
    const all: Written[] = []
    for (let frame = reader.next(); frame; frame = reader.next()) {
      const bits = frame.payload[12] ?? 0
      const isAck = frame.payload.readUInt16BE(2) === 80
      all.push({
        method: isAck ? 'ack' : 'nack',
        deliveryTag: Number(frame.payload.readBigUInt64BE(4)),
        multiple: (bits & 1) === 1,
        requeue: !isAck && (bits & 2) === 2,
      })
    }
    return all
  }
}

const ack = (deliveryTag: number, multiple: boolean): Written => ({
  method: 'ack',
  deliveryTag,
  multiple,
  requeue: false,
})

describe('acknowledgements of one turn', () => {
  test('become one where nothing unsettled lies below', () => {
    const subject = new Subject().deliver(5)
    for (const tag of [2, 1, 3, 5, 4]) subject.settle(tag)
    expect(subject.written()).toEqual([ack(5, true)])
  })

  test('are single above a delivery that is still held', () => {
    const subject = new Subject().deliver(5).settle(1).settle(3).settle(5)
    expect(subject.written()).toEqual([ack(3, false), ack(5, false), ack(1, true)])
    subject.settle(2).settle(4)
    expect(subject.written()).toEqual([ack(4, true)])
  })

  test('pass by deliveries that need none', () => {
    const subject = new Subject().deliver(1)
    subject.settlements.add(2, 'noAck')
    subject.settlements.add(3, 'consumed')
    expect(subject.settle(1).settle(3).written()).toEqual([ack(3, true)])
  })
})

describe('multiple', () => {
  test('means this and all unsettled ones before', () => {
    const subject = new Subject().deliver(4).settle(3, 'ack', true)
    expect(subject.written()).toEqual([ack(3, true)])
    expect(subject.settlements.consumedCount).toBe(1)
  })

  test('refuses only what was not acknowledged before', () => {
    const subject = new Subject().deliver(4).settle(1).settle(3, 'reject', true)
    expect(subject.written()).toEqual([
      ack(1, true),
      { method: 'nack', deliveryTag: 3, multiple: true, requeue: false },
    ])
  })
})

test('requeue and release give back, reject does not', () => {
  const subject = new Subject().deliver(3).settle(1, 'requeue').settle(2, 'release')
  subject.settle(3, 'reject')
  expect(subject.written().map(({ requeue }) => requeue)).toEqual([true, true, false])
})

test('what was given back at once is forgotten, and later numbers go on', () => {
  const subject = new Subject().deliver(3)
  subject.settlements.forgetAll()
  expect(subject.settlements.isForgotten(3)).toBe(true)
  expect(subject.settle(3).written()).toEqual([])
  subject.settlements.add(4, 'consumed')
  expect(subject.settlements.isForgotten(4)).toBe(false)
  expect(subject.settle(4).written()).toEqual([ack(4, true)])
})

test('the broker ends with exactly what was said, whatever the order', () => {
  const outcome = fc.constantFrom<Outcome>('ack', 'ack', 'ack', 'reject', 'requeue')
  const step = fc.record({
    tag: fc.integer({ min: 1, max: 30 }),
    outcome,
    multiple: fc.boolean(),
    flush: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const subject = new Subject().deliver(30)
      const said = new Map<number, string>()
      const broker = new Map<number, string>()
      const unsettled = new Set(Array.from({ length: 30 }, (_, index) => index + 1))
      const brokerHolds = new Set(unsettled)
      const tellBroker = () => {
        for (const { method, deliveryTag, multiple, requeue } of subject.written()) {
          const refusal = requeue ? 'requeue' : 'reject'
          // RabbitMQ closes the channel at a number that it does not hold.
          expect(brokerHolds.has(deliveryTag)).toBe(true)
          for (const tag of [...brokerHolds]) {
            if (tag !== deliveryTag && !(multiple && tag < deliveryTag)) continue
            brokerHolds.delete(tag)
            broker.set(tag, method === 'ack' ? 'ack' : refusal)
          }
        }
      }
      for (const { tag, outcome: wanted, multiple, flush } of steps) {
        subject.settle(tag, wanted, multiple)
        for (const one of [...unsettled]) {
          if (one !== tag && !(multiple && one < tag)) continue
          unsettled.delete(one)
          said.set(one, wanted)
        }
        if (flush) tellBroker()
      }
      tellBroker()
      expect(broker).toEqual(said)
    }),
    { numRuns: 500 },
  )
})
