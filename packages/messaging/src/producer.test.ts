import { describe, expect, test } from 'vitest'
import { Connection } from './connection.ts'
import { Exchange } from './entity/exchange.ts'
import { Queue } from './entity/queue.ts'
import { ConfigurationError, ConnectionError, OutcomeUnknownError, PublishError } from './errors.ts'
import { memory } from './memory/memory.ts'
import type { Message } from './message/message.ts'
import { isConnectionFailure } from './producer.ts'
import { StagedTransport } from './testing/staged-transport.ts'

const queue = new Queue('q')
const to = { routingKey: 'q', declare: [queue] }

async function got(connection: Connection, name = 'q'): Promise<Message> {
  const message = await connection.defaultChannel.get(name)
  if (message === undefined) throw new Error(`Queue ${name} is empty`)
  return message
}

describe('publish()', () => {
  test.each([
    ['JSON', { a: 1 }, {}, 'application/json', 'utf-8', { a: 1 }],
    ['text as it is', 'ü', {}, 'text/plain', 'utf-8', 'ü'],
    ['text by a serializer', 'ü', { serializer: 'json' }, 'application/json', 'utf-8', 'ü'],
    ['undefined as null', undefined, {}, 'application/json', 'utf-8', null],
    ['an own type', 'x', { contentType: 'a/b' }, 'a/b', 'utf-8', 'x'],
  ] as const)('sends %s', async (_, body, options, contentType, contentEncoding, payload) => {
    await using connection = new Connection(memory())
    await connection.producer().publish(body, { ...to, ...options })
    const message = await got(connection)
    expect(message).toMatchObject({ contentType, contentEncoding })
    expect(message.payload).toEqual(payload)
  })

  test('takes defaults from the producer, which options overrule', async () => {
    await using connection = new Connection(memory())
    const producer = connection.producer({
      routingKey: 'q',
      serializer: 'json',
      compression: 'gzip',
    })
    await producer.publish('first', { declare: [queue] })
    await producer.publish('second', { routingKey: 'other' })
    const message = await got(connection)
    expect(message.contentType).toBe('application/json')
    expect(message.headers['compression']).toBe('application/x-gzip')
    expect(message.payload).toBe('first')
    expect((await got(connection, 'other')).payload).toBe('second')
  })

  test('writes delivery mode, priority and expiration as AMQP wants them', async () => {
    await using connection = new Connection(memory())
    const producer = connection.producer()
    await producer.publish('x', to)
    expect((await got(connection)).properties).toMatchObject({ deliveryMode: 2, priority: 0 })
    const exchange = new Exchange('e', { deliveryMode: 'transient' })
    await producer.publish('x', {
      ...to,
      exchange: '',
      expirationMs: 1500.9,
      deliveryMode: 1,
      priority: 7,
    })
    const { properties } = await got(connection)
    expect(properties).toMatchObject({ deliveryMode: 1, priority: 7, expiration: '1500' })
    const bound = new Queue('bound', { exchange, routingKey: 'k' })
    await producer.publish('x', { exchange, routingKey: 'k', declare: [bound] })
    expect((await got(connection, 'bound')).properties.deliveryMode).toBe(1)
  })

  test('a queue to reply to is declared, and named in the message', async () => {
    await using connection = new Connection(memory())
    const replies = new Queue('replies', { exclusive: true })
    await connection.producer().publish('x', { ...to, replyTo: replies })
    expect((await got(connection)).properties.replyTo).toBe('replies')
    const status = await replies.queueDeclare(connection.defaultChannel, { passive: true })
    expect(status.messageCount).toBe(0)
  })

  test('properties that AMQP does not know travel too', async () => {
    await using connection = new Connection(memory())
    await connection.producer().publish('x', { ...to, properties: { MessageGroupId: 'g' } })
    expect((await got(connection)).properties['MessageGroupId']).toBe('g')
  })

  test('a body with contentType that is neither text nor bytes is refused', async () => {
    await using connection = new Connection(memory())
    const publishing = connection.producer().publish({ a: 1 }, { ...to, contentType: 'a/b' })
    await expect(publishing).rejects.toThrow(TypeError)
  })

  test('refuses by promise, never by throwing', async () => {
    await using connection = new Connection(memory())
    await connection.connect()
    const publishing = connection.producer().publish('x', { routingKey: 'q', serializer: 'none' })
    await expect(publishing).rejects.toThrow(ConfigurationError)
  })
})

describe('an exchange', () => {
  test('is declared before its first use, once per connection', async () => {
    await using connection = new Connection(memory())
    const exchange = new Exchange('e', { type: 'fanout' })
    const producer = connection.producer({ exchange })
    await producer.publish('x')
    expect(connection.defaultChannel.exchangeType('e')).toBe('fanout')
    expect(await producer.maybeDeclare(exchange)).toBe(false)
    await using other = new Connection(memory())
    await other.producer({ exchange }).declare()
    expect(other.defaultChannel.exchangeType('e')).toBe('fanout')
  })

  test('is not declared when told so, and then not guessed', async () => {
    await using connection = new Connection(memory())
    const exchange = new Exchange('e', { type: 'topic' })
    const publishing = connection.producer({ exchange, autoDeclare: false }).publish('x')
    await expect(publishing).rejects.toMatchObject({ code: 'EXCHANGE_NOT_DECLARED' })
    const silent = connection.producer({ exchange: new Exchange('e', { noDeclare: true }) })
    await expect(silent.publish('x')).rejects.toMatchObject({ code: 'EXCHANGE_NOT_DECLARED' })
  })

  test('of type fanout needs no listener; any other needs a queue', async () => {
    await using connection = new Connection(memory())
    const fanout = new Exchange('f', { type: 'fanout' })
    await connection.producer({ exchange: fanout }).publish('x')
    await connection.producer().publish('x', { exchange: 'f' })
    const mandatory = connection.producer({ exchange: fanout }).publish('x', { mandatory: true })
    await expect(mandatory).rejects.toMatchObject({ code: 'UNROUTABLE' })
    const direct = connection.producer({ exchange: new Exchange('d') })
    await expect(direct.publish('x')).rejects.toThrow(PublishError)
    await direct.publish('x', { mandatory: false })
  })
})

describe('onReturn', () => {
  test('gets the unroutable, and nothing else', async () => {
    await using connection = new Connection(memory({ maxPayloadBytes: 1_000 }))
    const returned: unknown[] = []
    const producer = connection.producer({
      exchange: new Exchange('e'),
      onReturn: (error, message) => returned.push([error.code, message.exchange]),
    })
    await producer.publish('x')
    expect(returned).toEqual([['UNROUTABLE', 'e']])
    await expect(producer.publish('x'.repeat(2_000))).rejects.toMatchObject({ code: 'TOO_LARGE' })
  })
})

describe('retry', () => {
  const policy = { intervalStartMs: 1, intervalStepMs: 0 }

  test('publishes again when the outcome is unknown, as often as allowed', async () => {
    let tries = 0
    const transport = new StagedTransport({
      publishing: () => {
        tries += 1
        if (tries < 3) throw new OutcomeUnknownError('no answer')
      },
    })
    await using connection = new Connection(transport)
    const errors: string[] = []
    const retryPolicy = { ...policy, errback: (error: Error) => errors.push(error.message) }
    await connection.producer().publish('x', { ...to, retry: true, retryPolicy })
    expect(errors).toEqual(['no answer', 'no answer'])
    tries = -10
    const limited = connection
      .producer()
      .publish('x', { ...to, retry: true, retryPolicy: { ...policy, maxRetries: 1 } })
    await expect(limited).rejects.toThrow('no answer')
    expect(tries).toBe(-8)
  })

  test('is off by default, and no use for refusals', async () => {
    let tries = 0
    const transport = new StagedTransport({
      publishing: () => {
        tries += 1
        throw new PublishError('REFUSED', 'full')
      },
    })
    await using connection = new Connection(transport)
    await expect(connection.producer().publish('x', to)).rejects.toThrow('full')
    await expect(connection.producer().publish('x', { ...to, retry: true })).rejects.toThrow('full')
    expect(tries).toBe(2)
  })

  test('isConnectionFailure() knows what is worth another try', () => {
    const failures = [
      new OutcomeUnknownError('?'),
      new ConnectionError('CONNECTION_LOST', '!'),
      new ConnectionError('CONNECTION_REFUSED', '!'),
    ]
    const others = [
      new ConnectionError('CONNECTION_CLOSED', '!'),
      new ConnectionError('ACCESS_REFUSED', '!'),
      new PublishError('REFUSED', '!'),
      new Error('!'),
      'text',
    ]
    expect(failures.map(isConnectionFailure)).toEqual([true, true, true])
    expect(others.map(isConnectionFailure)).toEqual([false, false, false, false, false])
  })
})
