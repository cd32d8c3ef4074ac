import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DecodeError } from '../errors.ts'
import { bodyBytes } from '../message/body.ts'
import type { OutgoingMessage } from '../message/envelope.ts'
import { markRedelivered, parseEnvelope, readMessage } from './envelope-text.ts'
import { type BodyEncoding, EnvelopeWriter } from './envelope-writer.ts'

function outgoing(more: Partial<OutgoingMessage> = {}): OutgoingMessage {
  return {
    exchange: 'ex',
    routingKey: 'rk',
    contentType: 'application/json',
    contentEncoding: 'utf-8',
    headers: {},
    properties: { deliveryMode: 2, priority: 0 },
    body: '{"hello":"world"}',
    mandatory: false,
    ...more,
  }
}

function encodeEnvelope(message: OutgoingMessage, tag: string, bodyEncoding: BodyEncoding): string {
  return new EnvelopeWriter(bodyEncoding).write(message, tag)
}

const text = fc.string({ unit: 'grapheme' })
const messages = fc.record({
  exchange: text,
  routingKey: text,
  contentType: text,
  contentEncoding: text,
  headers: fc.dictionary(
    text.filter((key) => key !== '__proto__'),
    fc.jsonValue({ maxDepth: 2 }).filter((value) => !JSON.stringify(value).includes('__proto__')),
  ),
  body: fc.oneof(text, fc.uint8Array()),
})

describe('encodeEnvelope()', () => {
  test('writes what Kombu writes', () => {
    const properties = {
      deliveryMode: 2,
      priority: 0,
      correlationId: 'cid',
      replyTo: 'rq',
    } as const
    const message = outgoing({ headers: { h: 1 }, properties })
    expect(JSON.parse(encodeEnvelope(message, 'tag', 'base64'))).toEqual({
      body: 'eyJoZWxsbyI6IndvcmxkIn0=',
      'content-encoding': 'utf-8',
      'content-type': 'application/json',
      headers: { h: 1 },
      properties: {
        correlation_id: 'cid',
        reply_to: 'rq',
        delivery_mode: 2,
        priority: 0,
        delivery_info: { exchange: 'ex', routing_key: 'rk' },
        body_encoding: 'base64',
        delivery_tag: 'tag',
      },
    })
  })

  test('is read back as it was, whatever it holds', () => {
    fc.assert(
      fc.property(messages, fc.constantFrom('base64', 'utf-8'), (given, encoding) => {
        const payload = encodeEnvelope(outgoing(given), 'tag', encoding)
        for (const read of [readMessage(payload, 'q'), readMessage(Buffer.from(payload), 'q')]) {
          expect(read.defect).toBeUndefined()
          expect(read).toMatchObject({ exchange: given.exchange, routingKey: given.routingKey })
          expect(read.contentType).toBe(given.contentType)
          expect(read.contentEncoding).toBe(given.contentEncoding)
          expect(JSON.stringify(read.headers)).toBe(JSON.stringify(given.headers))
          expect(Buffer.compare(bodyBytes(read.body), Buffer.from(given.body))).toBe(0)
          expect(read.deliveryTag).toBe('tag')
          expect(read.redelivered).toBe(false)
        }
      }),
      { numRuns: 200 },
    )
  })

  test('says the same whatever was written before', () => {
    const few = fc.record({
      exchange: fc.constantFrom('', 'a'),
      routingKey: fc.constantFrom('', 'a'),
      contentType: fc.constantFrom('a', 'b'),
      contentEncoding: fc.constantFrom('a', 'b'),
      headers: fc.constantFrom({}, { h: 1 }),
      properties: fc.constantFrom(
        {},
        { deliveryMode: 1 },
        { deliveryMode: 2, priority: 0 },
        { deliveryMode: 2, priority: 9 },
        { deliveryMode: 2, priority: 0, messageId: 'm' },
      ),
      body: fc.oneof(text, fc.uint8Array()),
    })
    fc.assert(
      fc.property(fc.array(few), fc.constantFrom('base64', 'utf-8'), (given, encoding) => {
        const writer = new EnvelopeWriter(encoding)
        for (const each of given) {
          const message = outgoing(each)
          expect(writer.write(message, 't')).toBe(encodeEnvelope(message, 't', encoding))
        }
      }),
      { numRuns: 2_000 },
    )
  })

  test('leaves out properties that are not given', () => {
    const message = outgoing({ properties: { expiration: undefined, messageId: 'm' } as never }) // as from JavaScript
    expect(JSON.parse(encodeEnvelope(message, 't', 'base64')).properties).not.toHaveProperty(
      'expiration',
    )
  })
})

describe('markRedelivered()', () => {
  test('marks the three places where Kombu looks, and changes nothing else', () => {
    const payload = encodeEnvelope(outgoing({ headers: { h: 1 } }), 'tag', 'base64')
    const before = JSON.parse(payload)
    const after = JSON.parse(markRedelivered(payload))
    expect(after).toEqual({
      ...before,
      redelivered: true,
      headers: { h: 1, redelivered: true },
      properties: {
        ...before.properties,
        delivery_info: { ...before.properties.delivery_info, redelivered: true },
      },
    })
    expect(readMessage(markRedelivered(payload), 'q').redelivered).toBe(true)
  })
})

describe('readMessage()', () => {
  test.each([
    ['top', { redelivered: true, properties: { delivery_info: {} } }],
    ['headers', { headers: { redelivered: true }, properties: { delivery_info: {} } }],
    ['delivery_info', { properties: { delivery_info: { redelivered: true } } }],
  ])('sees a redelivery marked in its %s', (_, envelope) => {
    expect(readMessage(JSON.stringify(envelope), 'q').redelivered).toBe(true)
  })

  test('takes the least that Kombu accepts', () => {
    const read = readMessage('{"properties":{"delivery_info":{}}}', 'q')
    expect(read.defect).toBeUndefined()
    expect(read).toMatchObject({ exchange: '', routingKey: 'q', headers: {}, deliveryTag: '' })
    expect(bodyBytes(read.body)).toHaveLength(0)
  })

  test('a body that is JSON itself is that JSON', () => {
    const read = readMessage('{"body":{"a":1},"properties":{"delivery_info":{}}}', 'q')
    expect(Buffer.from(bodyBytes(read.body)).toString()).toBe('{"a":1}')
  })

  test.each([
    '',
    'text',
    '[]',
    'null',
    '{}',
    '{"properties":{}}',
    '{"properties":[]}',
    '{"properties":{"delivery_info":"x"}}',
  ])('%j is no message, and keeps its bytes', (payload) => {
    const read = readMessage(payload, 'q')
    expect(read.defect).toBeInstanceOf(DecodeError)
    expect(read.defect?.code).toBe('NOT_DECODABLE')
    expect(Buffer.from(bodyBytes(read.body)).toString()).toBe(payload)
    expect(read.deliveryTag).toBe('')
  })

  test('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (payload) => {
        const read = readMessage(payload, 'q')
        if (read.defect) expect(Buffer.compare(bodyBytes(read.body), payload)).toBe(0)
      }),
    )
  })

  test('parseEnvelope() says what is wrong', () => {
    expect(() => parseEnvelope('{"properties":{}}')).toThrow(/delivery_info/)
  })
})
