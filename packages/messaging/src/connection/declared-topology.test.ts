import { expect, test } from 'vitest'
import type { TransportChannel } from '../transport/transport.ts'
import { DeclaredTopology } from './declared-topology.ts'

const flags = { durable: true, exclusive: false, autoDelete: false, passive: false, arguments: {} }
const exchange = (name: string) => ({ name, type: 'direct', ...flags })
const queue = (name: string) => ({ name, ...flags })
const binding = (from: string, destination: string, routingKey = '') => ({
  ...{ exchange: from, destination, routingKey, arguments: {} },
})

/** What a channel is asked to do, in order. */
async function replayed(topology: DeclaredTopology): Promise<readonly string[]> {
  const asked: string[] = []
  const say =
    (what: string) =>
    async (given: { name?: string; exchange?: string; destination?: string }): Promise<void> => {
      asked.push([what, given.name ?? `${given.exchange}>${given.destination}`].join(' '))
    }
  const channel = {
    declareExchange: say('exchange'),
    declareQueue: say('queue'),
    bindExchange: say('bindExchange'),
    bindQueue: say('bindQueue'),
  }
  await topology.replay(channel as unknown as TransportChannel, {}) // nothing else is used
  return asked
}

function filled(): DeclaredTopology {
  const topology = new DeclaredTopology()
  topology.addQueueBinding(binding('e', 'q'))
  topology.addExchangeBinding(binding('e', 'f'))
  topology.addQueue(queue('q'))
  topology.addExchange(exchange('e'))
  topology.addExchange(exchange('f'))
  return topology
}

test('replays in the order that brokers need, each once', async () => {
  const topology = filled()
  topology.addQueue(queue('q'))
  topology.addQueueBinding(binding('e', 'q'))
  expect(await replayed(topology)).toEqual([
    'exchange e',
    'exchange f',
    'queue q',
    'bindExchange e>f',
    'bindQueue e>q',
  ])
})

test('forgets a queue with its bindings', async () => {
  const topology = filled()
  topology.removeQueue('q')
  expect(await replayed(topology)).toEqual(['exchange e', 'exchange f', 'bindExchange e>f'])
})

test('forgets an exchange with all bindings from and to it', async () => {
  const topology = filled()
  topology.removeExchange('f')
  expect(await replayed(topology)).toEqual(['exchange e', 'queue q', 'bindQueue e>q'])
  topology.removeExchange('e')
  expect(await replayed(topology)).toEqual(['queue q'])
})

test('forgets one binding of several', async () => {
  const topology = filled()
  topology.addQueueBinding(binding('f', 'q', 'k'))
  topology.removeQueueBinding(binding('e', 'q'))
  topology.removeExchangeBinding(binding('e', 'f'))
  expect(await replayed(topology)).toEqual(['exchange e', 'exchange f', 'queue q', 'bindQueue f>q'])
  expect(topology.exchangeType('f')).toBe('direct')
})
