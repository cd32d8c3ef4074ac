import { describe, expect, test } from 'vitest'
import type { DeclaringChannel } from './declaration.ts'
import { Exchange } from './exchange.ts'

/** Says yes to everything, and remembers what it was asked. */
function recordingChannel(): { channel: DeclaringChannel; calls: unknown[][] } {
  const calls: unknown[][] = []
  const answer = (name: string) => async (first: unknown, options: unknown) => {
    calls.push([name, first, options])
  }
  // Every method of the interface takes the same shape of arguments.
  const channel = new Proxy({} as DeclaringChannel, { get: (_, name) => answer(String(name)) })
  return { channel, calls }
}

/** Says no to everything. */
const refusingChannel = new Proxy({} as DeclaringChannel, {
  get: () => () => Promise.reject(new Error('no')),
})

const { signal } = new AbortController()
const orders = new Exchange('orders', { type: 'topic' })
const users = new Exchange('users', { type: 'fanout', durable: false })

describe('Exchange', () => {
  test('has the defaults of Kombu', () => {
    expect(new Exchange().asDict()).toEqual({
      name: '',
      type: 'direct',
      durable: true,
      autoDelete: false,
      deliveryMode: undefined,
      arguments: {},
      passive: false,
      noDeclare: false,
    })
  })

  test.each([
    ['transient', 1],
    ['persistent', 2],
    [1, 1],
    [2, 2],
  ] as const)('has delivery mode %j as number', (deliveryMode, number) => {
    expect(new Exchange('x', { deliveryMode }).deliveryMode).toBe(number)
  })

  test.each<[unknown, RegExp]>([
    [{ deliveryMode: 3 }, /deliveryMode has to be 1 \("transient"\) or 2 \("persistent"\), not 3/],
    [{ deliveryMode: 'toString' }, /not "toString"/],
    [{ auto_delete: true }, /exchange "x". Did you mean "autoDelete"/],
    [{ type: '' }, /of length at least 1/],
  ])('refuses %j', (options, message) => {
    expect(() => new Exchange('x', options as object)).toThrow(message)
  })

  test('refuses a name that is none', () => {
    expect(() => new Exchange(1 as unknown as string)).toThrow(
      /name of an exchange has to be a string/,
    )
  })

  test('declares itself, passively if asked or built so', async () => {
    const { channel, calls } = recordingChannel()
    await orders.declare(channel, { signal })
    await orders.declare(channel, { passive: true })
    await new Exchange('x', { passive: true }).declare(channel)
    expect(calls.map(([, declaration]) => declaration)).toEqual([
      {
        name: 'orders',
        type: 'topic',
        durable: true,
        autoDelete: false,
        passive: false,
        arguments: {},
      },
      expect.objectContaining({ name: 'orders', passive: true }),
      expect.objectContaining({ name: 'x', passive: true }),
    ])
    expect(calls[0]?.[2]).toEqual({ signal })
  })

  test.each([new Exchange(), new Exchange('amq.direct'), new Exchange('x', { noDeclare: true })])(
    'does not declare %s',
    async (exchange) => {
      const { channel, calls } = recordingChannel()
      await exchange.declare(channel)
      expect(exchange.isDeclarable).toBe(false)
      expect(calls).toEqual([])
    },
  )

  test('binds to exchanges, unbinds, deletes', async () => {
    const { channel, calls } = recordingChannel()
    await orders.bindTo(channel, users, { routingKey: 'k', arguments: { a: 1 }, signal })
    await orders.unbindFrom(channel, 'users')
    await orders.delete(channel, { ifUnused: true, signal })
    expect(calls).toEqual([
      [
        'bindExchange',
        { exchange: 'users', destination: 'orders', routingKey: 'k', arguments: { a: 1 } },
        { signal },
      ],
      [
        'unbindExchange',
        { exchange: 'users', destination: 'orders', routingKey: '', arguments: {} },
        { signal: undefined },
      ],
      ['deleteExchange', 'orders', { ifUnused: true, signal }],
    ])
  })

  test.each<[string, (channel: DeclaringChannel) => Promise<unknown>]>([
    ['declare', (channel) => orders.declare(channel)],
    ['bindTo', (channel) => orders.bindTo(channel, users)],
    ['unbindFrom', (channel) => orders.unbindFrom(channel, users)],
    ['delete', (channel) => orders.delete(channel)],
  ])('%s() rejects when the broker refuses', async (_, act) => {
    await expect(act(refusingChannel)).rejects.toThrow('no')
  })

  test('equals() and canCacheDeclaration are those of Kombu', () => {
    expect(
      orders.equals(new Exchange('orders', { type: 'topic', passive: true, noDeclare: true })),
    ).toBe(true)
    expect(orders.equals(new Exchange('orders'))).toBe(false)
    expect(orders.equals(new Exchange('orders', { type: 'topic', deliveryMode: 1 }))).toBe(false)
    expect(orders.equals(new Exchange('orders', { type: 'topic', arguments: { a: 1 } }))).toBe(
      false,
    )
    expect(orders.equals(orders.asDict())).toBe(false)
    expect(orders.canCacheDeclaration).toBe(true)
    expect(new Exchange('x', { autoDelete: true }).canCacheDeclaration).toBe(false)
  })

  test('is a frozen value that can be made again from its data', () => {
    const { name, ...options } = new Exchange('x', {
      deliveryMode: 1,
      arguments: { a: 1 },
    }).asDict()
    const again = new Exchange(name, options)
    expect(again.asDict()).toEqual({ name, ...options })
    expect([again, again.arguments].every(Object.isFrozen)).toBe(true)
    expect(String(new Exchange())).toBe("Exchange ''(direct)")
  })
})
