import { describe, expect, test } from 'vitest'
import { Binding, binding } from './binding.ts'
import type { DeclaringChannel } from './declaration.ts'
import { Exchange } from './exchange.ts'
import { Queue } from './queue.ts'

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

describe('Binding', () => {
  test('binds and unbinds a queue, unbinding with the same arguments unless told otherwise', async () => {
    const { channel, calls } = recordingChannel()
    const queue = new Queue('q')
    await orders.binding({ routingKey: 'k', arguments: { a: 1 } }).bind(channel, queue, { signal })
    await orders.binding({ arguments: { a: 1 } }).unbind(channel, queue, { signal })
    await orders.binding({ unbindArguments: { u: 1 } }).unbind(channel, users)
    expect(calls).toEqual([
      [
        'bindQueue',
        { exchange: 'orders', destination: 'q', routingKey: 'k', arguments: { a: 1 } },
        { signal },
      ],
      [
        'unbindQueue',
        { exchange: 'orders', destination: 'q', routingKey: '', arguments: { a: 1 } },
        { signal },
      ],
      [
        'unbindExchange',
        { exchange: 'orders', destination: 'users', routingKey: '', arguments: { u: 1 } },
        { signal: undefined },
      ],
    ])
  })

  test('declares its exchange', async () => {
    const { channel, calls } = recordingChannel()
    await binding(orders).declare(channel)
    await binding(new Exchange()).declare(channel)
    expect(calls.map(([name, declaration]) => [name, declaration])).toEqual([
      ['declareExchange', orders.declaration],
    ])
  })

  test('rejects when the broker refuses', async () => {
    const queue = new Queue('q')
    await expect(orders.binding().declare(refusingChannel)).rejects.toThrow('no')
    await expect(orders.binding().bind(refusingChannel, queue)).rejects.toThrow('no')
    await expect(orders.binding().unbind(refusingChannel, queue)).rejects.toThrow('no')
  })

  test('is a frozen value', () => {
    const frozen = orders.binding({ arguments: { a: 1 } })
    expect(frozen).toBeInstanceOf(Binding)
    expect([frozen, frozen.arguments, frozen.unbindArguments].every(Object.isFrozen)).toBe(true)
    expect(String(orders.binding({ routingKey: 'k' }))).toBe('orders->k')
  })

  test('refuses what is no exchange', () => {
    expect(() => binding('orders' as unknown as Exchange)).toThrow(
      /not a string: write new Exchange\("orders"\)/,
    )
    expect(() => binding(null as unknown as Exchange)).toThrow(/needs an Exchange/)
    expect(() => binding(orders, { routing_key: 'a' } as object)).toThrow(
      /Did you mean "routingKey"/,
    )
  })
})
