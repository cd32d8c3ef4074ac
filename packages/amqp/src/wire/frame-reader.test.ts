import type { OutgoingMessage } from '@dashi/messaging/transport'
import { PublishError } from '@dashi/messaging/transport'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FrameError, FrameReader } from './frame-reader.ts'
import { writeAck, writeNack, writePublish } from './frames.ts'
import { bodySizeOf, readContentHeader } from './properties.ts'
import { WriteBuffer } from './write-buffer.ts'

const message: OutgoingMessage = {
  exchange: 'e',
  routingKey: 'k',
  contentType: 'application/json',
  contentEncoding: 'utf-8',
  headers: { n: 1 },
  properties: { deliveryMode: 2, priority: 0 },
  body: 'grüße',
  mandatory: true,
}

function published(given: Partial<OutgoingMessage> = {}, frameMax = 4_096): Buffer {
  const out = new WriteBuffer()
  writePublish(out, { ...message, ...given }, { channel: 7, frameMax })
  return out.take()
}

function frames(bytes: Buffer, cuts: readonly number[] = []) {
  const reader = new FrameReader(1024 * 1024, Buffer.alloc(0))
  const places = [0, ...[...cuts].sort((a, b) => a - b), bytes.length]
  const found: { type: number; channel: number; payload: string }[] = []
  for (const [index, end] of places.entries()) {
    const start = places[index - 1]
    if (start !== undefined && end > start) reader.push(bytes.subarray(start, end))
    for (let frame = reader.next(); frame; frame = reader.next()) {
      const { type, channel, payload } = frame
      found.push({ type, channel, payload: payload.toString('hex') })
    }
  }
  return found
}

test('a message is a method, a header and a body', () => {
  const [method, header, body] = frames(published())
  // basic.publish, no ticket, exchange "e", routing key "k", mandatory.
  expect(method).toEqual({ type: 1, channel: 7, payload: '003c00280000' + '0165' + '016b' + '01' })
  expect(header).toMatchObject({ type: 2, channel: 7 })
  const headerBytes = Buffer.from(header?.payload ?? '', 'hex')
  expect(bodySizeOf(headerBytes)).toBe(7)
  expect(readContentHeader(headerBytes)).toEqual({
    contentType: 'application/json',
    contentEncoding: 'utf-8',
    headers: { n: 1 },
    properties: { deliveryMode: 2, priority: 0 },
    defect: undefined,
  })
  expect(Buffer.from(body?.payload ?? '', 'hex').toString()).toBe('grüße')
})

test('all properties are written and read', () => {
  const properties = {
    deliveryMode: 1,
    priority: 255,
    correlationId: 'c',
    replyTo: 'r',
    expiration: '60000',
    messageId: 'm',
    timestamp: 2 ** 40,
    type: 't',
    userId: 'u',
    appId: 'a',
    clusterId: 'cl',
  }
  const [, header] = frames(published({ properties }))
  const read = readContentHeader(Buffer.from(header?.payload ?? '', 'hex'))
  expect(read.properties).toEqual(properties)
})

test('a large body is cut to the size of a frame, an empty one has no frame', () => {
  const body = Buffer.alloc(10_000, 'x')
  const [, , ...parts] = frames(published({ body }))
  expect(parts.map(({ payload }) => payload.length / 2)).toEqual([4_088, 4_088, 1_824])
  expect(frames(published({ body: '' })).length).toBe(2)
})

test('headers that do not fit into a frame are refused', () => {
  const headers = { wide: 'x'.repeat(5_000) }
  expect(() => published({ headers })).toThrow(PublishError)
  expect(() => published({ headers })).toThrow(/have to fit into one frame of 4096/)
})

test.each([
  ['a priority of 256', { properties: { priority: 256 } }, 'priority'],
  ['a long correlation id', { properties: { correlationId: 'x'.repeat(256) } }, 'correlationId'],
  ['a long routing key', { routingKey: 'ü'.repeat(128) }, 'routing key'],
])('%s is refused, by name', (_, given, name) => {
  expect(() => published(given)).toThrow(name)
})

test('settlements are 21 bytes', () => {
  const out = new WriteBuffer()
  writeAck(out, 3, { deliveryTag: 2 ** 32 + 5, multiple: true })
  writeNack(out, 3, { deliveryTag: 1, multiple: false, requeue: true })
  expect(out.take().toString('hex')).toBe(
    '01000300000' +
      '00d003c0050' +
      '0000000100000005' +
      '01ce' +
      '010003000000' +
      '0d003c0078' +
      '0000000000000001' +
      '02ce',
  )
})

test('bytes may be cut anywhere', () => {
  const bytes = Buffer.concat([published(), published({ body: 'x'.repeat(5_000) }), published()])
  const whole = frames(bytes)
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length), { maxLength: 12 }), (cuts) => {
      expect(frames(bytes, cuts)).toEqual(whole)
    }),
  )
})

test('a frame larger than agreed is refused from its header alone', () => {
  const reader = new FrameReader(4_096, Buffer.from('010001000f4240', 'hex'))
  expect(() => reader.next()).toThrow(FrameError)
})

test('a frame without its end is refused', () => {
  const reader = new FrameReader(4_096, Buffer.from('0800000000000000', 'hex'))
  expect(() => reader.next()).toThrow(FrameError)
})
