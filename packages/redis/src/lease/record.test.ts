import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { markRedelivered, priorityOf, readRecord } from './record.ts'

const record = (text: string) => readRecord(Buffer.from(text))

describe('readRecord()', () => {
  test('reads what we write, whatever the payload', () => {
    const texts = fc.oneof(fc.string({ unit: 'binary' }), fc.json(), fc.constant('x,"",y'))
    fc.assert(
      fc.property(texts, fc.string({ unit: 'binary' }), (payload, queue) => {
        const bytes = Buffer.from(payload)
        const read = record(`[${payload},"",${JSON.stringify(queue)}]`)
        expect(read?.exchange).toBe('')
        expect(Buffer.from(read?.payload ?? '', 'latin1')).toEqual(bytes)
        expect(read?.routingKey).toBe(queue.toWellFormed() === queue ? queue : read?.routingKey)
      }),
    )
  })

  test('reads what Kombu writes', () => {
    const written = '[{"body": "a, \\"\\", b", "x": [1.0, {}]}, "ex", "r\\u00fc.k"]'
    expect(record(written)).toEqual({
      payload: '{"body": "a, \\"\\", b", "x": [1.0, {}]}',
      exchange: 'ex',
      routingKey: 'rü.k',
    })
  })

  test.each([
    '',
    '[]',
    'x',
    '{"a": 1}',
    '[{}, "a"]',
    '[{}, 1, 2]',
    '[{}, "a", "b", "c"]',
    '[{"a": ',
  ])('says that %s is none', (text) => {
    expect(record(text)).toBeUndefined()
  })
})

describe('markRedelivered()', () => {
  test('sets the two marks of Kombu and leaves every other character alone', () => {
    const payload =
      '{"body": "x", "headers": {"f": 1.0, "e": [], "big": 12345678901234567890}, "properties": {"delivery_info": {"exchange": "", "routing_key": "q"}, "n": NaN}}'
    expect(markRedelivered(payload)).toBe(
      '{"body": "x", "headers": {"f": 1.0, "e": [], "big": 12345678901234567890, "redelivered": true}, "properties": {"delivery_info": {"exchange": "", "routing_key": "q", "redelivered": true}, "n": NaN}}',
    )
  })

  test('twice is the same as once', () => {
    const once = markRedelivered('{"headers":{},"properties":{"delivery_info":{}}}')
    expect(JSON.parse(once)).toEqual({
      headers: { redelivered: true },
      properties: { delivery_info: { redelivered: true } },
    })
    expect(markRedelivered(once)).toBe(once)
    expect(markRedelivered('{"headers":{"redelivered":false}}')).toBe(
      '{"headers":{"redelivered":true}}',
    )
  })

  test('is not misled by the same names elsewhere', () => {
    const payload =
      '{"body":"\\"headers\\":{","a":{"headers":{},"properties":{"delivery_info":{}}},"properties":{"x":{"delivery_info":{}},"delivery_info":{"routing_key":"}\\\\"}},"headers":{"delivery_info":{}}}'
    const parsed = JSON.parse(payload)
    parsed.properties.delivery_info.redelivered = true
    parsed.headers.redelivered = true
    expect(JSON.parse(markRedelivered(payload))).toEqual(parsed)
  })

  test('does to any JSON what parsing and writing would do', () => {
    const object = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue())
    const envelope = fc.record({
      headers: fc.oneof(object, fc.constant(null)),
      body: fc.string(),
      properties: object.chain((rest) => object.map((info) => ({ ...rest, delivery_info: info }))),
    })
    fc.assert(
      fc.property(envelope, fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
        const text = JSON.stringify(value, undefined, indent)
        const expected = JSON.parse(text)
        expected.properties.delivery_info.redelivered = true
        if (expected.headers !== null) expected.headers.redelivered = true
        const marked = Buffer.from(markRedelivered(Buffer.from(text).toString('latin1')), 'latin1')
        expect(JSON.parse(marked.toString())).toEqual(expected)
      }),
    )
  })

  test.each(['', 'garbage', '{"headers":', '[1]', '{}', '{"headers":[],"properties":1}'])(
    'leaves %s alone',
    (text) => {
      expect(markRedelivered(text)).toBe(text)
    },
  )
})

test.each([
  ['{"properties":{"priority":7}}', 7],
  ['{"properties": {"priority": "5"}}', 5],
  ['{"properties":{"priority":null}}', 0],
  ['{"properties":{}}', 0],
  ['garbage', 0],
])('priorityOf(%s) is %i', (payload, priority) => {
  expect(priorityOf(payload)).toBe(priority)
})
