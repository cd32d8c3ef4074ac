import { describe, expect, test } from 'vitest'
import { Broadcast } from './broadcast.ts'
import { Exchange } from './exchange.ts'
import { Queue } from './queue.ts'

describe('new Broadcast()', () => {
  const users = new Exchange('users', { type: 'fanout' })
  const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}'

  test('is a queue of its own on a fanout exchange', () => {
    const broadcast = new Broadcast('news')
    expect(broadcast).toBeInstanceOf(Queue)
    expect(broadcast.name).toMatch(new RegExp(`^bcast\\.${uuid}$`))
    expect(broadcast.name).not.toBe(new Broadcast('news').name)
    expect(broadcast).toMatchObject({ alias: 'news', autoDelete: true, durable: true })
    expect(broadcast.exchange?.equals(new Exchange('news', { type: 'fanout' }))).toBe(true)
  })

  test('takes a name for the queue', () => {
    expect(new Broadcast('news', { queue: 'q' }).name).toBe('q')
    expect(new Broadcast('news', { queue: 'q', unique: true }).name).toMatch(
      new RegExp(`^q\\.${uuid}$`),
    )
    expect(new Broadcast('news', { unique: true }).name).toMatch(new RegExp(`^bcast\\.${uuid}$`))
  })

  test('has no alias without a name', () => {
    expect(new Broadcast()).toMatchObject({ alias: undefined, exchange: { name: '' } })
  })

  test('takes the options of a queue', () => {
    const broadcast = new Broadcast('news', {
      autoDelete: false,
      alias: 'a',
      exchange: users,
      expiresMs: 1,
    })
    expect(broadcast).toMatchObject({
      autoDelete: false,
      alias: 'a',
      expiresMs: 1,
      exchange: users,
    })
    expect(() => new Broadcast('news', { uniq: true } as object)).toThrow(/"uniq"/)
  })
})
