import { expect, test } from 'vitest'
import type { ExchangeDeclaration, QueueDeclaration } from '../entity/declaration.ts'
import { ChannelError, UnsupportedError } from '../errors.ts'
import { VirtualTopology } from './topology.ts'

const store = {
  name: 'test',
  capabilities: { exchangeTypes: ['direct', 'topic', 'fanout'] },
} as const

function topology(): VirtualTopology {
  return new VirtualTopology(store as unknown as ConstructorParameters<typeof VirtualTopology>[0]) // nothing else is read
}

function exchange(name: string, type: string): ExchangeDeclaration {
  return { name, type, durable: true, autoDelete: false, passive: false, arguments: {} }
}

function queue(name: string, exclusive = false): QueueDeclaration {
  return { name, exclusive, durable: true, autoDelete: false, passive: false, arguments: {} }
}

function binding(exchangeName: string, more: { key?: string; kind?: string } = {}) {
  const bound = more.kind === undefined ? {} : { kind: more.kind }
  return { exchange: exchangeName, destination: 'q', routingKey: more.key ?? '', arguments: bound }
}

test('knows the types that were declared, and AMQP’s own', () => {
  const known = topology()
  known.addExchange(exchange('e', 'topic'))
  expect(known.exchangeType('e')).toBe('topic')
  expect(known.exchangeType('amq.fanout')).toBe('fanout')
  expect(known.exchangeType('unknown')).toBeUndefined()
  known.removeExchange('e')
  expect(known.exchangeType('e')).toBeUndefined()
})

test('refuses a second type, and a type that the store has not', () => {
  const known = topology()
  known.addExchange(exchange('e', 'topic'))
  known.addExchange(exchange('e', 'topic'))
  expect(() => known.addExchange(exchange('e', 'direct'))).toThrow(ChannelError)
  expect(() => known.addExchange(exchange('h', 'headers'))).toThrow(UnsupportedError)
  expect(() => known.addExchange(exchange('h', 'headers'))).toThrow(/"h".*"test".*direct, topic/)
})

test('a binding to the default exchange is one to amq.direct', () => {
  expect(topology().storedBinding(binding(''), 'direct').exchange).toBe('amq.direct')
})

test('bindings are told apart by key and arguments', () => {
  const known = topology()
  const stored = [
    binding('e', { key: 'a' }),
    binding('e', { key: 'b' }),
    binding('e', { kind: '1' }),
    binding('e', { kind: '2' }),
  ].map((one) => known.storedBinding(one, 'direct'))
  for (const one of [...stored, ...stored]) known.addBinding(one)
  expect(known.bindingsOf('q')).toHaveLength(4)
  for (const one of stored.slice(1)) known.removeBinding(one)
  expect(known.bindingsOf('q')).toEqual(stored.slice(0, 1))
})

test('a queue is for broadcasts only while all its bindings are fanout', () => {
  const known = topology()
  expect(known.isBroadcastOnly('q')).toBe(false)
  known.addBinding(known.storedBinding(binding('f'), 'fanout'))
  expect(known.isBroadcastOnly('q')).toBe(true)
  known.addBinding(known.storedBinding(binding('d'), 'direct'))
  expect(known.isBroadcastOnly('q')).toBe(false)
})

test('lists the exclusive queues, which go with the connection', () => {
  const known = topology()
  known.addQueue(queue('shared'))
  known.addQueue(queue('own', true))
  expect(known.exclusiveQueues()).toEqual(['own'])
  known.removeQueue('own')
  expect(known.exclusiveQueues()).toEqual([])
})
