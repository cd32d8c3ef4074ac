import { describe, expect, test } from 'vitest'
import { ConfigurationError } from '../errors.ts'
import { binding } from './binding.ts'
import type { DeclaringChannel, QueueDeclaration, QueueStatus } from './declaration.ts'
import { Exchange } from './exchange.ts'
import { Queue, type QueueOptions } from './queue.ts'

/** Says yes to everything, and remembers what it was asked. */
function recordingChannel(): { channel: DeclaringChannel; calls: unknown[][] } {
  const calls: unknown[][] = []
  const answer = (name: string) => async (first: unknown, options: unknown) => {
    calls.push([name, first, options])
    return answers[name]?.(first)
  }
  // Every method of the interface takes the same shape of arguments.
  const channel = new Proxy({} as DeclaringChannel, { get: (_, name) => answer(String(name)) })
  return { channel, calls }
}

const answers: Record<string, (first: unknown) => unknown> = {
  declareQueue: (first) => {
    const { name } = first as QueueDeclaration
    return { queue: name || 'amq.gen-1', messageCount: 3, consumerCount: 1 }
  },
  purgeQueue: () => 7,
  deleteQueue: () => 5,
}

/** Says no to everything. */
const refusingChannel = new Proxy({} as DeclaringChannel, {
  get: () => () => Promise.reject(new Error('no')),
})

/** The same channel, but for one method. */
function refusing(channel: DeclaringChannel, method: keyof DeclaringChannel): DeclaringChannel {
  return new Proxy(channel, {
    get: (target, name) =>
      name === method ? () => Promise.reject(new Error('no')) : Reflect.get(target, name),
  })
}

const { signal } = new AbortController()
const orders = new Exchange('orders', { type: 'topic' })
const users = new Exchange('users', { type: 'fanout', durable: false })

describe('new Queue()', () => {
  test('has the defaults of Kombu', () => {
    expect(new Queue()).toMatchObject({
      name: '',
      routingKey: '',
      bindings: [],
      durable: true,
      exclusive: false,
      autoDelete: false,
      noAck: false,
      alias: undefined,
      queueArguments: {},
      bindingArguments: {},
      consumerArguments: {},
      noDeclare: false,
    })
    expect(new Queue().exchange?.equals(new Exchange())).toBe(true)
  })

  test('is auto-deleted when exclusive', () => {
    expect(new Queue('q', { exclusive: true, autoDelete: false }).autoDelete).toBe(true)
  })

  test('takes an exchange by name', () => {
    expect(new Queue('q', { exchange: 'x' }).exchange?.equals(new Exchange('x'))).toBe(true)
  })

  test('has no exchange but its bindings, wherever they are given', () => {
    const [one, two] = [orders.binding({ routingKey: 'a' }), users.binding()]
    expect(new Queue('q', { exchange: [one, two] })).toMatchObject({
      exchange: undefined,
      bindings: [one, two],
    })
    expect(new Queue('q', { exchange: orders, bindings: [two] })).toMatchObject({
      exchange: undefined,
      bindings: [two],
    })
    expect(new Queue('q', { exchange: [one], bindings: [two] }).bindings).toEqual([two, one])
  })

  test('is frozen, and so are its parts', () => {
    const given = { 'x-queue-type': 'quorum' }
    const queue = new Queue('q', { queueArguments: given, exchange: [orders.binding()] })
    given['x-queue-type'] = 'classic'
    expect(queue.queueArguments).toEqual({ 'x-queue-type': 'quorum' })
    const { queueArguments, bindingArguments, consumerArguments, bindings } = queue
    const parts = [queueArguments, bindingArguments, consumerArguments, bindings]
    expect([queue, ...parts].every(Object.isFrozen)).toBe(true)
  })

  test.each<[unknown, RegExp]>([
    [{ routing_key: 'a' }, /Unknown option "routing_key" of queue "q". Did you mean "routingKey"/],
    [{ durable: 'yes' }, /"durable" of queue "q" has to be a boolean, not string "yes"/],
    [{ maxPriority: 256 }, /at most 255/],
    [{ maxLength: 1.5 }, /a whole number/],
    [{ maxPriority: 1.5 }, /a whole number/],
    [{ expiresMs: 0 }, /at least 1/],
    [{ exchange: 1 }, /an object or a string or an array/],
    [{ exchange: ['orders'] }, /"bindings" of queue "q" has to be made by binding\(\)/],
    [{ exchange: {} }, /"exchange" of queue "q" has to be an Exchange/],
  ])('refuses %j', (options, message) => {
    const make = () => new Queue('q', options as QueueOptions)
    expect(make).toThrow(ConfigurationError)
    expect(make).toThrow(message)
  })

  test('refuses a name that is none', () => {
    expect(() => new Queue(orders as unknown as string)).toThrow(
      /name of a queue has to be a string/,
    )
  })
})

describe('Queue.declaration', () => {
  test('has the limits in wire form, which win', () => {
    const queue = new Queue('q', {
      queueArguments: { 'x-queue-type': 'classic', 'x-max-length': 1 },
      expiresMs: 1000.7,
      messageTtlMs: 0,
      maxLength: 10,
      maxLengthBytes: 100,
      maxPriority: 9,
    })
    expect(queue.declaration).toEqual({
      name: 'q',
      durable: true,
      exclusive: false,
      autoDelete: false,
      passive: false,
      arguments: {
        'x-queue-type': 'classic',
        'x-expires': 1000,
        'x-message-ttl': 0,
        'x-max-length': 10,
        'x-max-length-bytes': 100,
        'x-max-priority': 9,
      },
    })
  })
})

describe('Queue.declare()', () => {
  test('declares exchange and queue, then binds', async () => {
    const { channel, calls } = recordingChannel()
    const queue = new Queue('q', {
      exchange: orders,
      routingKey: 'a.*',
      bindingArguments: { x: 1 },
    })

    await expect(queue.declare(channel, { signal })).resolves.toEqual({
      queue: 'q',
      messageCount: 3,
      consumerCount: 1,
    })

    expect(calls).toEqual([
      ['declareExchange', orders.declaration, { signal }],
      ['declareQueue', queue.declaration, { signal }],
      [
        'bindQueue',
        { exchange: 'orders', destination: 'q', routingKey: 'a.*', arguments: { x: 1 } },
        { signal },
      ],
    ])
  })

  test('declares and binds every binding, in order', async () => {
    const { channel, calls } = recordingChannel()
    const one = orders.binding({ routingKey: 'a' })
    const two = binding(users, { arguments: { x: 1 } })

    await new Queue('q', { exchange: [one, two] }).declare(channel)

    expect(calls.map(([name, first]) => [name, first])).toEqual([
      ['declareQueue', expect.objectContaining({ name: 'q' })],
      ['declareExchange', orders.declaration],
      ['bindQueue', { exchange: 'orders', destination: 'q', routingKey: 'a', arguments: {} }],
      ['declareExchange', users.declaration],
      ['bindQueue', { exchange: 'users', destination: 'q', routingKey: '', arguments: { x: 1 } }],
    ])
  })

  test('binds nothing to the default exchange', async () => {
    const { channel, calls } = recordingChannel()
    await new Queue('q', { routingKey: 'q' }).declare(channel)
    expect(calls.map(([name]) => name)).toEqual(['declareQueue'])
  })

  test('binds to an exchange of the broker without declaring it', async () => {
    const { channel, calls } = recordingChannel()
    await new Queue('q', { exchange: 'amq.topic' }).declare(channel)
    expect(calls.map(([name]) => name)).toEqual(['declareQueue', 'bindQueue'])
  })

  test('binds the queue that the broker named', async () => {
    const { channel, calls } = recordingChannel()
    const queue = new Queue('', { exchange: orders, bindings: [] })
    const status = await queue.declare(channel)
    expect(status.queue).toBe('amq.gen-1')
    expect(calls.at(-1)?.[1]).toMatchObject({ destination: 'amq.gen-1' })
    expect(queue.name).toBe('')
  })

  test('asks nobody about a queue that is not to be declared', async () => {
    const { channel, calls } = recordingChannel()
    const status = await new Queue('q', { exchange: orders, noDeclare: true }).declare(channel)
    expect(status).toEqual({ queue: 'q', messageCount: 0, consumerCount: 0 })
    expect(calls).toEqual([])
  })

  test('tells onDeclared what the broker said', async () => {
    const said: QueueStatus[] = []
    const queue = new Queue('', { onDeclared: (status) => said.push(status) })
    const status = await queue.declare(recordingChannel().channel)
    expect(said).toEqual([status])
  })

  test.each([{ exchange: orders }, { bindings: [orders.binding()] }])(
    'rejects when it cannot be bound',
    async (options) => {
      const { channel } = recordingChannel()
      const failing = refusing(channel, 'bindQueue')
      await expect(new Queue('q', options).declare(failing)).rejects.toThrow('no')
    },
  )

  test('is over at the first error', async () => {
    const { channel, calls } = recordingChannel()
    const failing = refusing(channel, 'declareQueue')
    await expect(new Queue('q', { exchange: orders }).declare(failing)).rejects.toThrow('no')
    expect(calls.map(([name]) => name)).toEqual(['declareExchange'])
  })
})

describe('Queue, one step at a time', () => {
  const queue = new Queue('q', { exchange: orders, routingKey: 'k', bindingArguments: { x: 1 } })
  const own = { exchange: 'orders', destination: 'q', routingKey: 'k', arguments: { x: 1 } }
  const other = { exchange: 'users', destination: 'q', routingKey: 'z', arguments: {} }

  test.each<[string, (channel: DeclaringChannel) => Promise<unknown>, unknown[], unknown]>([
    [
      'queueDeclare',
      (c) => queue.queueDeclare(c, { passive: true, signal }),
      ['declareQueue', { ...queue.declaration, passive: true }, { signal }],
      { queue: 'q', messageCount: 3, consumerCount: 1 },
    ],
    ['queueBind', (c) => queue.queueBind(c, { signal }), ['bindQueue', own, { signal }], undefined],
    [
      'queueUnbind',
      (c) => queue.queueUnbind(c, { signal }),
      ['unbindQueue', own, { signal }],
      undefined,
    ],
    [
      'bindTo',
      (c) => queue.bindTo(c, users, { routingKey: 'z', signal }),
      ['bindQueue', other, { signal }],
      undefined,
    ],
    [
      'unbindFrom',
      (c) => queue.unbindFrom(c, 'users', { routingKey: 'z', signal }),
      ['unbindQueue', other, { signal }],
      undefined,
    ],
    ['purge', (c) => queue.purge(c, { signal }), ['purgeQueue', 'q', { signal }], 7],
    [
      'delete',
      (c) => queue.delete(c, { ifUnused: true, ifEmpty: true, signal }),
      ['deleteQueue', 'q', { ifUnused: true, ifEmpty: true, signal }],
      5,
    ],
  ])('%s()', async (_, act, call, answer) => {
    const { channel, calls } = recordingChannel()
    expect(await act(channel)).toEqual(answer)
    expect(calls).toEqual([call])
  })
})

describe('Queue, when the broker refuses', () => {
  const queue = new Queue('q', { exchange: [orders.binding()] })

  test.each<[string, (channel: DeclaringChannel) => Promise<unknown>]>([
    ['declare', (channel) => queue.declare(channel)],
    ['queueDeclare', (channel) => queue.queueDeclare(channel)],
    ['queueBind', (channel) => queue.queueBind(channel)],
    ['queueUnbind', (channel) => queue.queueUnbind(channel)],
    ['bindTo', (channel) => queue.bindTo(channel, orders)],
    ['unbindFrom', (channel) => queue.unbindFrom(channel, orders)],
    ['purge', (channel) => queue.purge(channel)],
    ['delete', (channel) => queue.delete(channel)],
  ])('%s() rejects', async (_, act) => {
    await expect(act(refusingChannel)).rejects.toThrow('no')
  })
})

describe('Queue as a value', () => {
  const queue = new Queue('q', {
    exchange: orders,
    routingKey: 'k',
    exclusive: true,
    alias: 'a',
    expiresMs: 5,
    consumerArguments: { c: 1 },
    onDeclared: () => undefined,
  })

  test('named() changes the name alone', () => {
    const named = queue.named('other')
    expect({ ...named, name: 'q' }).toEqual({ ...queue })
    expect(named.onDeclared).toBe(queue.onDeclared)
    expect(new Queue('', { exchange: [users.binding()] }).named('z').bindings).toHaveLength(1)
  })

  test('equals() looks at everything that a broker sees', () => {
    const options = { exchange: orders, routingKey: 'k' }
    const base = new Queue('q', options)
    expect(base.equals(new Queue('q', { ...options, alias: 'z', noAck: true }))).toBe(true)
    expect(base.equals(new Queue('r', options))).toBe(false)
    expect(base.equals(new Queue('q', { ...options, routingKey: 'l' }))).toBe(false)
    expect(base.equals(new Queue('q', { ...options, exchange: users }))).toBe(false)
    expect(base.equals(new Queue('q', { ...options, durable: false }))).toBe(false)
    expect(base.equals(new Queue('q', { ...options, maxLength: 1 }))).toBe(false)
    expect(base.equals(new Queue('q', { ...options, bindingArguments: { a: 1 } }))).toBe(false)
    expect(base.equals(new Queue('q', { ...options, consumerArguments: { a: 1 } }))).toBe(false)
    expect(base.equals(new Queue('q', { bindings: [orders.binding()] }))).toBe(false)
    expect(base.equals('q')).toBe(false)
  })

  test('declarationKey tells queues with other bindings apart', () => {
    const one = new Queue('q', { exchange: [orders.binding({ routingKey: 'a' })] })
    const two = new Queue('q', { exchange: [orders.binding({ routingKey: 'b' })] })
    const again = new Queue('q', { exchange: [orders.binding({ routingKey: 'a' })] })
    expect(one.declarationKey).not.toBe(two.declarationKey)
    expect(one.declarationKey).toBe(again.declarationKey)
    expect(one.declarationKey).not.toBe(orders.declarationKey)
  })

  test.each([
    [true, {}],
    [true, { exclusive: false }],
    [false, { autoDelete: true }],
    [false, { exclusive: true }],
    [false, { expiresMs: 1 }],
    [false, { queueArguments: { 'x-expires': 1 } }],
  ])('canCacheDeclaration is %s for %j', (expected, options) => {
    expect(new Queue('q', options).canCacheDeclaration).toBe(expected)
  })

  test('asDict() is plain data', () => {
    const dict = queue.asDict()
    expect(dict).toEqual({
      name: 'q',
      exchange: orders.asDict(),
      routingKey: 'k',
      bindings: [],
      durable: true,
      exclusive: true,
      autoDelete: true,
      noAck: false,
      alias: 'a',
      queueArguments: {},
      bindingArguments: {},
      consumerArguments: { c: 1 },
      noDeclare: false,
      expiresMs: 5,
      messageTtlMs: undefined,
      maxLength: undefined,
      maxLengthBytes: undefined,
      maxPriority: undefined,
    })
    expect(structuredClone(dict)).toEqual(dict)
    const bound = new Queue('q', { exchange: [orders.binding({ routingKey: 'a' })] }).asDict()
    expect(structuredClone(bound).bindings).toEqual([
      { exchange: orders.asDict(), routingKey: 'a', arguments: {}, unbindArguments: {} },
    ])
  })

  test('prints as in Kombu', () => {
    expect(String(queue)).toBe('Queue q -> Exchange orders(topic) -> k')
    expect(
      String(new Queue('q', { exchange: [orders.binding({ routingKey: 'a' }), users.binding()] })),
    ).toBe('Queue q -> [orders->a, users->]')
  })
})

describe('Queue.fromDict()', () => {
  test('builds the exchange from the same options', () => {
    const queue = Queue.fromDict('q', {
      exchange: 'x',
      exchangeType: 'topic',
      exchangeArguments: { e: 1 },
      deliveryMode: 'transient',
      bindingKey: 'b',
      routingKey: 'r',
      durable: false,
      autoDelete: true,
      queueArguments: { q: 1 },
    })
    const exchange = new Exchange('x', {
      type: 'topic',
      durable: false,
      autoDelete: true,
      deliveryMode: 1,
      arguments: { e: 1 },
    })
    expect(queue.exchange?.asDict()).toEqual(exchange.asDict())
    expect(
      queue.equals(
        new Queue('q', {
          exchange,
          routingKey: 'b',
          durable: false,
          autoDelete: true,
          queueArguments: { q: 1 },
        }),
      ),
    ).toBe(true)
  })

  test('binds to the default exchange if not told otherwise', () => {
    expect(Queue.fromDict('q', {}).exchange?.name).toBe('')
  })

  test('lets the longer names win', () => {
    const queue = Queue.fromDict('q', {
      exchange: 'x',
      durable: true,
      exchangeDurable: false,
      queueAutoDelete: true,
      autoDelete: false,
    })
    expect(queue).toMatchObject({ durable: true, autoDelete: true })
    expect(queue.exchange).toMatchObject({ durable: false, autoDelete: false })
  })

  test('takes an exchange or bindings as they are', () => {
    expect(Queue.fromDict('q', { exchange: orders, durable: false }).exchange).toBe(orders)
    expect(Queue.fromDict('q', { exchange: 'x', bindings: [users.binding()] })).toMatchObject({
      exchange: undefined,
    })
  })

  test('refuses names that do not exist', () => {
    expect(() => Queue.fromDict('q', { exchange_type: 'topic' } as object)).toThrow(
      /"exchange_type"/,
    )
  })
})
