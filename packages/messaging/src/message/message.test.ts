import { describe, expect, test } from 'vitest'
import { defaultCodecs } from '../codec/codec-registry.ts'
import { DecodeError, MessageStateError } from '../errors.ts'
import { bodyBytes, originalBytes } from './body.ts'
import type { IncomingMessage } from './envelope.ts'
import { Message } from './message.ts'

/** A message, and what it tells its channel. */
function received(more: Partial<IncomingMessage> = {}, handle = 1) {
  const settled: string[] = []
  const source = {
    settle: (of: number, outcome: string, { multiple }: { readonly multiple: boolean }) =>
      settled.push(`${outcome} ${of}${multiple ? ' and all before' : ''}`),
    settled: async () => undefined,
    signal: new AbortController().signal,
  }
  const incoming: IncomingMessage = {
    ...{
      exchange: 'e',
      routingKey: 'k',
      contentType: 'application/json',
      contentEncoding: 'utf-8',
    },
    ...{ headers: {}, properties: {}, deliveryTag: 'tag', redelivered: false, missedCount: 0 },
    deliveryInfo: { extra: 1 },
    body: { data: Buffer.from('{"a":1}').toString('base64'), encoding: 'base64' },
    ...more,
  }
  const reading = { codecs: defaultCodecs, accept: undefined, maxBodyBytes: 1_000 }
  const message = new Message({ incoming, handle, queue: 'q', consumerTag: 't', source, reading })
  return { message, settled }
}

describe('reading', () => {
  test('decodes once, and gives the same value each time', () => {
    const { message } = received()
    expect(message.payload).toEqual({ a: 1 })
    expect(message.payload).toBe(message.decode())
    expect(message.body).toBe(message.body)
  })

  test('tells where it comes from', () => {
    const { message } = received({ redelivered: true })
    expect(message.deliveryInfo).toEqual({
      ...{ exchange: 'e', routingKey: 'k', redelivered: true, consumerTag: 't', queue: 'q' },
      extra: 1,
    })
  })

  test('an unreadable body throws the same each time, and keeps its bytes', () => {
    const { message } = received({ body: { data: '!! no base64 !!', encoding: 'base64' } })
    expect(() => message.payload).toThrow(DecodeError)
    expect(() => message.payload).toThrow('base64')
    expect(Buffer.from(message.rawBody).toString()).toBe('!! no base64 !!')
  })

  test('a foreign item is its defect', () => {
    const defect = new DecodeError('NOT_DECODABLE', 'no envelope')
    const { message } = received({ defect, body: { data: Uint8Array.of(1), encoding: 'bytes' } })
    expect(message.errors).toEqual([defect])
    expect(() => message.body).toThrow(defect)
    expect([...message.rawBody]).toEqual([1])
  })
})

describe('settling', () => {
  test.each([
    ['ack', (message: Message) => message.ack(), 'acknowledged', 'ack 1'],
    [
      'ack of several',
      (message: Message) => message.ack({ multiple: true }),
      'acknowledged',
      'ack 1 and all before',
    ],
    ['reject', (message: Message) => message.reject(), 'rejected', 'reject 1'],
    [
      'reject to requeue',
      (message: Message) => message.reject({ requeue: true }),
      'requeued',
      'requeue 1',
    ],
    ['requeue', (message: Message) => message.requeue(), 'requeued', 'requeue 1'],
  ] as const)('%s happens once', (_, settle, state, told) => {
    const { message, settled } = received()
    expect(message).toMatchObject({ state: 'received', acknowledged: false })
    settle(message)
    expect(message).toMatchObject({ state, acknowledged: true })
    for (const again of [() => message.ack(), () => message.reject(), () => message.requeue()])
      expect(again).toThrow(MessageStateError)
    expect(settled).toEqual([told])
  })

  test('the error says which message, of which queue, and what it is', () => {
    const { message } = received()
    message.reject()
    expect(() => message.ack()).toThrow(/ack message tag of queue "q".*already rejected/)
  })

  test('of a delivery that needs none tells nobody', () => {
    const { message, settled } = received({}, 0)
    message.ack()
    expect(message.acknowledged).toBe(true)
    expect(settled).toEqual([])
  })

  test('that fails is logged where asked for', () => {
    const { message } = received()
    const log: unknown[] = []
    message.ackLogError((error) => log.push(error))
    message.rejectLogError((error) => log.push(error))
    expect(log).toEqual([expect.any(MessageStateError)])
  })
})

describe('bodyBytes()', () => {
  test.each([
    [{ data: 'aGk=', encoding: 'base64' }, 'hi'],
    [{ data: 'aGk', encoding: 'base64' }, 'hi'],
    [{ data: 'hi ü', encoding: 'utf-8' }, 'hi ü'],
    [{ data: Buffer.from('hi'), encoding: 'bytes' }, 'hi'],
    [{ data: '', encoding: 'base64' }, ''],
  ] as const)('of %j', (body, text) => {
    expect(Buffer.from(bodyBytes(body)).toString()).toBe(text)
    expect(Buffer.from(originalBytes(body)).toString()).toBe(text)
  })

  test('refuses base64 that is none', () => {
    const body = { data: 'ü!§$%&/()=', encoding: 'base64' } as const
    expect(() => bodyBytes(body)).toThrow(DecodeError)
    expect(Buffer.from(originalBytes(body)).toString()).toBe(body.data)
  })
})
