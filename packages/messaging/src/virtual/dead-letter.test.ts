import { describe, expect, test } from 'vitest'
import type { QueueDeclaration } from '../entity/declaration.ts'
import { DecodeError } from '../errors.ts'
import { deadLetter } from './dead-letter.ts'
import { EnvelopeMessage, foreignMessage } from './envelope-message.ts'

function queue(given: Record<string, unknown>): QueueDeclaration {
  const flags = { durable: true, exclusive: false, autoDelete: false, passive: false }
  return { name: 'work', ...flags, arguments: given }
}

const toLetters = queue({ 'x-dead-letter-exchange': 'letters' })

function message(more: { headers?: object; body?: string; properties?: object } = {}) {
  return new EnvelopeMessage(
    {
      body: more.body ?? Buffer.from('hello').toString('base64'),
      'content-type': 'text/plain',
      'content-encoding': 'utf-8',
      headers: more.headers ?? {},
      properties: {
        body_encoding: 'base64',
        delivery_info: { exchange: 'orders', routing_key: 'new' },
        priority: 3,
        ...more.properties,
      },
    },
    'work',
  )
}

describe('deadLetter()', () => {
  test('is nothing without a dead-letter exchange, or for a queue that is not known', () => {
    expect(deadLetter(message(), queue({}), 'rejected')).toBeUndefined()
    expect(deadLetter(message(), undefined, 'rejected')).toBeUndefined()
  })

  test('is the message with its history', () => {
    expect(deadLetter(message({ headers: { own: 1 } }), toLetters, 'rejected')).toMatchObject({
      exchange: 'letters',
      routingKey: 'new',
      contentType: 'text/plain',
      contentEncoding: 'utf-8',
      properties: { priority: 3 },
      body: Buffer.from('hello'),
      mandatory: false,
      headers: {
        own: 1,
        'x-first-death-queue': 'work',
        'x-first-death-reason': 'rejected',
        'x-first-death-exchange': 'orders',
        'x-death': [
          {
            queue: 'work',
            reason: 'rejected',
            count: 1,
            exchange: 'orders',
            'routing-keys': ['new'],
          },
        ],
      },
    })
  })

  test('goes by the queue’s own routing key, and to the default exchange if told so', () => {
    const told = queue({ 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'dead' })
    expect(deadLetter(message(), told, 'rejected')).toMatchObject({
      exchange: '',
      routingKey: 'dead',
    })
  })

  test('does not expire', () => {
    const letter = deadLetter(message({ properties: { expiration: '5' } }), toLetters, 'expired')
    expect(letter?.properties).not.toHaveProperty('expiration')
  })

  test('counts deaths per queue and reason, the latest first, and keeps the first', () => {
    const first = deadLetter(message(), toLetters, 'rejected')
    const second = deadLetter(message({ headers: { ...first?.headers } }), toLetters, 'expired')
    const third = deadLetter(message({ headers: { ...second?.headers } }), toLetters, 'rejected')
    expect(third?.headers).toMatchObject({
      'x-first-death-reason': 'rejected',
      'x-death': [
        { reason: 'rejected', count: 2 },
        { reason: 'expired', count: 1 },
      ],
    })
  })

  test('puts up with a history that is none', () => {
    const letter = deadLetter(
      message({ headers: { 'x-death': [1, null, 'x'] } }),
      toLetters,
      'rejected',
    )
    expect(letter?.headers['x-death']).toHaveLength(1)
  })

  test('keeps the bytes of what nobody can read', () => {
    const broken = deadLetter(message({ body: '!! no base64 !!' }), toLetters, 'rejected')
    expect(broken?.body).toEqual(Buffer.from('!! no base64 !!'))
    const bytes = Uint8Array.of(0xff, 0)
    const foreign = foreignMessage(bytes, 'work', new DecodeError('NOT_DECODABLE', 'no'))
    expect(deadLetter(foreign, toLetters, 'rejected')).toMatchObject({
      body: bytes,
      contentType: 'application/data',
    })
  })
})
