/** Exchanges of every type that the transport declares, and the refusal of the others. */
import {
  ChannelError,
  Exchange,
  type ExchangeType,
  Queue,
  UnsupportedError,
} from '@dashi/messaging'
import { type Case, type CaseGroup, core, full, type Subject } from '../case.ts'
import { Inbox } from '../stage/inbox.ts'

const exchangeTypes: readonly ExchangeType[] = ['direct', 'fanout', 'topic', 'headers']

export const routeCases: CaseGroup = {
  name: 'route',
  cases: (subject) => [
    core('the default exchange leads to the queue of that name', async (stage) => {
      const connection = stage.connect()
      const [wanted, other] = [stage.queue(), stage.queue()]
      await stage.declare(connection, wanted, other)
      await connection.producer().publish('here', { routingKey: wanted.name })
      stage.expect(await stage.drain(connection, other)).toEqual([])
      stage.expect(await stage.drain(connection, wanted)).toEqual(['here'])
    }),
    ...exchangeTypes.flatMap((type) => typeCases(type, subject)),
    full('a type that does not exist is refused', async (stage) => {
      const declaring = stage.exchange('x-own').declare(stage.connect().defaultChannel)
      await stage.refused(declaring, { code: 'UNSUPPORTED', name: UnsupportedError.name })
    }),
    ...general,
    exchangeBindings(subject),
    ...sharedBindings(subject),
  ],
}

function typeCases(type: ExchangeType, { capabilities }: Subject): readonly Case[] {
  if (capabilities.exchangeTypes.includes(type)) return casesOfType[type]
  return [
    full(`exchanges of type ${type} are refused, by name`, async (stage) => {
      const declaring = stage.exchange(type).declare(stage.connect().defaultChannel)
      const error = await stage.refused(declaring, { code: 'UNSUPPORTED' })
      stage.expect(error.message).toContain(type)
    }),
  ]
}

const casesOfType: Readonly<Record<ExchangeType, readonly Case[]>> = {
  direct: [
    core('direct: a key reaches the queues bound by it, and no other', async (stage) => {
      const exchange = stage.exchange('direct')
      const [a, alsoA, b] = [
        stage.queue({ exchange, routingKey: 'a' }),
        stage.queue({ exchange, routingKey: 'a' }),
        stage.queue({ exchange, routingKey: 'b' }),
      ]
      const connection = stage.connect()
      await stage.declare(connection, a, alsoA, b)
      const producer = connection.producer({ exchange })
      await producer.publish(1, { routingKey: 'a' })
      await producer.publish(2, { routingKey: 'b' })
      await producer.publish(3, { routingKey: 'c', mandatory: false })
      stage.expect(await stage.drain(connection, a)).toEqual([1])
      stage.expect(await stage.drain(connection, alsoA)).toEqual([1])
      stage.expect(await stage.drain(connection, b)).toEqual([2])
    }),
  ],
  fanout: [
    core('fanout: every queue that is consumed gets a copy', async (stage) => {
      const exchange = stage.exchange('fanout')
      const [first, second] = [stage.queue({ exchange }), stage.queue({ exchange })]
      const one = await stage.consume(stage.connect(), first, { settle: (m) => m.ack() })
      const two = await stage.consume(stage.connect(), second, { settle: (m) => m.ack() })
      const publishing = stage.connect()
      // Where bindings are local, the publisher has to know them too.
      await stage.declare(publishing, first, second)
      const producer = publishing.producer({ exchange })
      for (const body of [1, 2, 3]) await producer.publish(body, { routingKey: 'any' })
      await Promise.all([one.inbox.arrived(3), two.inbox.arrived(3)])
      stage.expect(one.inbox.bodies).toEqual([1, 2, 3])
      stage.expect(two.inbox.bodies).toEqual([1, 2, 3])
      stage.expect(one.inbox.at(0).deliveryInfo.exchange).toBe(exchange.name)
    }),
    full('fanout: a queue with a direct binding too gets both kinds', async (stage) => {
      const fanout = stage.exchange('fanout')
      const direct = stage.exchange('direct')
      const queue = stage.queue({
        bindings: [fanout.binding(), direct.binding({ routingKey: 'k' })],
      })
      const { inbox } = await stage.consume(stage.connect(), queue, { settle: (m) => m.ack() })
      const connection = stage.connect()
      await connection.producer({ exchange: fanout }).publish('broadcast')
      await connection.producer({ exchange: direct }).publish('direct', { routingKey: 'k' })
      await inbox.arrived(2)
      stage.expect([...inbox.bodies].sort()).toEqual(['broadcast', 'direct'])
    }),
    full('fanout: a broadcast that nobody listens to is no error', async (stage) => {
      await stage
        .connect()
        .producer({ exchange: stage.exchange('fanout') })
        .publish('nobody')
    }),
    full('fanout: the consumers of one queue share its broadcasts', async (stage) => {
      const exchange = stage.exchange('fanout')
      const queue = stage.queue({ exchange })
      const connection = stage.connect()
      const inbox = new Inbox((message) => message.ack())
      const options = { prefetchCount: 1, onMessage: inbox.receive }
      await stage.consume(connection, queue, options)
      await stage.consume(connection, queue, options)
      const producer = connection.producer({ exchange })
      for (const body of [1, 2, 3, 4]) await producer.publish(body)
      stage.expect(await inbox.different(4)).toEqual([1, 2, 3, 4])
      await inbox.staysAt(4)
    }),
  ],
  topic: [
    core('topic: a star stands for a word', async (stage) => {
      const exchange = stage.exchange('topic')
      const [first, second, third] = [
        stage.queue({ exchange, routingKey: 't.*' }),
        stage.queue({ exchange, routingKey: 't.*' }),
        stage.queue({ exchange, routingKey: 't' }),
      ]
      const connection = stage.connect()
      await stage.declare(connection, first, second, third)
      await connection.producer({ exchange }).publish(1, { routingKey: 't.1' })
      stage.expect(await stage.drain(connection, first)).toEqual([1])
      stage.expect(await stage.drain(connection, second)).toEqual([1])
      stage.expect(await stage.drain(connection, third)).toEqual([])
    }),
    full('topic: patterns in every place', async (stage) => {
      const exchange = stage.exchange('topic')
      const connection = stage.connect()
      const keys = ['#', 'a.#', '*.b.*', '#.c', 'a.b-c_d.e', 'x(y).+'] as const
      const queues = keys.map((routingKey) => stage.queue({ exchange, routingKey }))
      await stage.declare(connection, ...queues)
      const producer = connection.producer({ exchange })
      const sent = ['a.b.c', 'a.b-c_d.e', 'x(y).+', 'xxyy.z']
      for (const routingKey of sent) await producer.publish(routingKey, { routingKey })
      const got: Record<string, readonly unknown[]> = {}
      for (const queue of queues) got[queue.routingKey] = await stage.drain(connection, queue)
      stage.expect(got).toEqual({
        '#': sent,
        'a.#': ['a.b.c', 'a.b-c_d.e'],
        '*.b.*': ['a.b.c'],
        '#.c': ['a.b.c'],
        'a.b-c_d.e': ['a.b-c_d.e'],
        'x(y).+': ['x(y).+'],
      })
    }),
  ],
  headers: [
    full('headers: all and any of the binding’s arguments', async (stage) => {
      const exchange = stage.exchange('headers')
      const connection = stage.connect()
      const bound = (match: string) =>
        stage.queue({ exchange, bindingArguments: { 'x-match': match, kind: 'a', size: 1 } })
      const [all, any] = [bound('all'), bound('any')]
      await stage.declare(connection, all, any)
      const producer = connection.producer({ exchange })
      await producer.publish(1, { headers: { kind: 'a', size: 1, more: true } })
      await producer.publish(2, { headers: { kind: 'a', size: 2 } })
      await producer.publish(3, { headers: { kind: 'b' }, mandatory: false })
      stage.expect(await stage.drain(connection, all)).toEqual([1])
      stage.expect(await stage.drain(connection, any)).toEqual([1, 2])
    }),
    full('headers: an x-match that does not exist is refused', async (stage) => {
      const exchange = stage.exchange('headers')
      const queue = stage.queue({ exchange, bindingArguments: { 'x-match': 'some' } })
      const declaring = queue.declare(stage.connect().defaultChannel)
      await stage.refused(declaring, { code: 'PRECONDITION_FAILED', name: ChannelError.name })
    }),
    full('headers: two bindings of one queue stand apart', async (stage) => {
      const exchange = stage.exchange('headers')
      const connection = stage.connect()
      const binding = (kind: string) => exchange.binding({ arguments: { kind } })
      const queue = stage.queue({ bindings: [binding('a'), binding('b')] })
      await stage.declare(connection, queue)
      await binding('a').unbind(connection.defaultChannel, queue)
      const producer = connection.producer({ exchange })
      await producer.publish('a', { headers: { kind: 'a' }, mandatory: false })
      await producer.publish('b', { headers: { kind: 'b' } })
      stage.expect(await stage.drain(connection, queue)).toEqual(['b'])
    }),
  ],
}

const general: readonly Case[] = [
  full('a queue bound twice gets one copy', async (stage) => {
    const exchange = stage.exchange('topic')
    const connection = stage.connect()
    const binding = (routingKey: string) => exchange.binding({ routingKey })
    const queue = stage.queue({ bindings: [binding('a.*'), binding('a.b')] })
    await stage.declare(connection, queue)
    await connection.producer({ exchange }).publish(1, { routingKey: 'a.b' })
    stage.expect(await stage.drain(connection, queue)).toEqual([1])
  }),

  full('an unbound queue gets nothing more', async (stage) => {
    const exchange = stage.exchange('direct')
    const connection = stage.connect()
    const queue = stage.queue({ exchange, routingKey: 'k' })
    await stage.declare(connection, queue)
    const producer = connection.producer({ exchange })
    await producer.publish(1, { routingKey: 'k' })
    await queue.queueUnbind(connection.defaultChannel)
    await stage.refused(producer.publish(2, { routingKey: 'k' }), { code: 'UNROUTABLE' })
    stage.expect(await stage.drain(connection, queue)).toEqual([1])
  }),

  full('a deleted queue takes its bindings with it', async (stage) => {
    const exchange = stage.exchange('direct')
    const connection = stage.connect()
    const queue = stage.queue({ exchange, routingKey: 'k' })
    await stage.declare(connection, queue)
    await queue.delete(connection.defaultChannel)
    const publishing = connection.producer({ exchange }).publish(1, { routingKey: 'k' })
    await stage.refused(publishing, { code: 'UNROUTABLE' })
  }),

  full('a deleted exchange is gone, and can be declared with another type', async (stage) => {
    const exchange = stage.exchange('direct')
    const connection = stage.connect()
    const queue = stage.queue({ exchange, routingKey: 'k' })
    await stage.declare(connection, queue)
    await exchange.delete(connection.defaultChannel)
    const publishing = connection.producer().publish(1, { exchange: exchange.name })
    await stage.refused(publishing, { code: 'EXCHANGE_NOT_DECLARED' })

    const topic = new Exchange(exchange.name, { type: 'topic' })
    const again = new Queue(queue.name, { exchange: topic, routingKey: '#' })
    await stage.declare(connection, again)
    await connection.producer({ exchange: topic }).publish(2, { routingKey: 'any' })
    stage.expect(await stage.drain(connection, again)).toEqual([2])
  }),

  full('an exchange cannot have two types', async (stage) => {
    const exchange = stage.exchange('direct')
    const connection = stage.connect()
    await exchange.declare(connection.defaultChannel)
    const other = new Exchange(exchange.name, { type: 'topic' })
    const error = { code: 'PRECONDITION_FAILED', name: ChannelError.name }
    await stage.refused(other.declare(connection.defaultChannel), error)
  }),

  full('a passive declaration finds what is there and refuses what is not', async (stage) => {
    const exchange = stage.exchange('direct')
    const connection = stage.connect()
    const channel = connection.defaultChannel
    const missing = { code: 'NOT_FOUND', name: ChannelError.name }
    await stage.refused(exchange.declare(channel, { passive: true }), missing)
    await exchange.declare(channel)
    await exchange.declare(channel, { passive: true })
  }),

  full('binding to an exchange that is not there is refused', async (stage) => {
    const exchange = stage.exchange('direct', { noDeclare: true })
    const queue = stage.queue({ exchange, routingKey: 'k' })
    const declaring = queue.declare(stage.connect().defaultChannel)
    await stage.refused(declaring, { code: 'NOT_FOUND', name: ChannelError.name })
  }),
]

function exchangeBindings({ capabilities }: Subject): Case {
  if (capabilities.exchangeBindings) {
    return full('an exchange bound to another gets its messages', async (stage) => {
      const [source, target] = [stage.exchange('direct'), stage.exchange('fanout')]
      const queue = stage.queue({ exchange: target })
      const connection = stage.connect()
      const channel = connection.defaultChannel
      await source.declare(channel)
      await stage.declare(connection, queue)
      await target.bindTo(channel, source, { routingKey: 'k' })
      const producer = connection.producer({ exchange: source })
      await producer.publish(1, { routingKey: 'k' })
      await target.unbindFrom(channel, source, { routingKey: 'k' })
      await stage.refused(producer.publish(2, { routingKey: 'k' }), { code: 'UNROUTABLE' })
      stage.expect(await stage.drain(connection, queue)).toEqual([1])
    })
  }
  return full('binding an exchange to an exchange is refused, by name', async (stage) => {
    const [source, target] = [stage.exchange('direct'), stage.exchange('fanout')]
    const channel = stage.connect().defaultChannel
    await source.declare(channel)
    await target.declare(channel)
    const refused = { code: 'UNSUPPORTED', name: UnsupportedError.name }
    const error = await stage.refused(target.bindTo(channel, source), refused)
    stage.expect(error.message).toContain(source.name)
    await stage.refused(target.unbindFrom(channel, source), refused)
  })
}

function sharedBindings({ capabilities }: Subject): readonly Case[] {
  if (!capabilities.sharedBindings) {
    return [
      full('bindings are each connection’s own, and say so', async (stage) => {
        const exchange = stage.exchange('direct')
        const queue = stage.queue({ exchange, routingKey: 'k' })
        await stage.declare(stage.connect(), queue)
        const publishing = stage.connect().producer({ exchange }).publish(1, { routingKey: 'k' })
        await stage.refused(publishing, { code: 'UNROUTABLE' })
      }),
    ]
  }
  return [
    full('bindings of one connection route for another', async (stage) => {
      const exchange = stage.exchange('direct')
      const queue = stage.queue({ exchange, routingKey: 'k' })
      const consumer = stage.connect()
      await stage.declare(consumer, queue)
      await stage.connect().producer({ exchange }).publish(1, { routingKey: 'k' })
      stage.expect(await stage.drain(consumer, queue)).toEqual([1])
    }),
    full('a binding that is made while others publish counts from then on', async (stage) => {
      const exchange = stage.exchange('direct')
      const publisher = stage.connect().producer({ exchange })
      await stage.refused(publisher.publish(1, { routingKey: 'k' }), { code: 'UNROUTABLE' })
      const consumer = stage.connect()
      const queue = stage.queue({ exchange, routingKey: 'k' })
      await stage.declare(consumer, queue)
      await publisher.publish(2, { routingKey: 'k' })
      stage.expect(await stage.drain(consumer, queue)).toEqual([2])
    }),
  ]
}
