import { expect, test } from 'vitest'
import { ChannelError, ConnectionError } from '../errors.ts'
import type { TransportChannel } from '../transport/transport.ts'
import { DeclaredTopology } from './declared-topology.ts'

const flags = { durable: true, exclusive: false, autoDelete: false, passive: false, arguments: {} }
const exchange = (name: string) => ({ name, type: 'direct', ...flags })
const queue = (name: string) => ({ name, ...flags })
const binding = (from: string, destination: string, routingKey = '') => ({
  ...{ exchange: from, destination, routingKey, arguments: {} },
})

/** What a broker is asked to do, in order. */
async function replayed(
  topology: DeclaredTopology,
  refuse: (what: string) => Error | undefined = () => undefined,
): Promise<readonly string[]> {
  const asked: string[] = []
  const say =
    (what: string) =>
    async (given: { name?: string; exchange?: string; destination?: string }): Promise<void> => {
      const said = [what, given.name ?? `${given.exchange}>${given.destination}`].join(' ')
      asked.push(said)
      const refusal = refuse(said)
      if (refusal) throw refusal
    }
  const channel = {
    declareExchange: say('exchange'),
    declareQueue: say('queue'),
    bindExchange: say('bindExchange'),
    bindQueue: say('bindQueue'),
    close: async () => undefined,
  }
  const openChannel = async () => {
    asked.push('open')
    return channel as unknown as TransportChannel // nothing else is used
  }
  await topology.replay({ openChannel }, { onRefused: ({ code }) => asked.push(code) })
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

test('what is refused is told, on a new channel the rest goes on', async () => {
  const refused = new ChannelError('PRECONDITION_FAILED', 'another type')
  const refuse = (said: string) => (said === 'exchange e' ? refused : undefined)
  expect((await replayed(filled(), refuse)).slice(0, 5)).toEqual([
    'open',
    'exchange e',
    'PRECONDITION_FAILED',
    'open',
    'exchange f',
  ])
})

test.each([
  new ChannelError('RESOURCE_LOCKED', 'still the old connection’s'),
  new ChannelError('REFUSED', 'out of memory'),
  new ConnectionError('CONNECTION_LOST', 'cut'),
])('%s fails the attempt: it may pass', async (error) => {
  await expect(replayed(filled(), () => error)).rejects.toBe(error)
})

test('replays in the order that brokers need, each once', async () => {
  const topology = filled()
  topology.addQueue(queue('q'))
  topology.addQueueBinding(binding('e', 'q'))
  expect(await replayed(topology)).toEqual([
    'open',
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
  expect(await replayed(topology)).toEqual(['open', 'exchange e', 'exchange f', 'bindExchange e>f'])
})

test('forgets an exchange with all bindings from and to it', async () => {
  const topology = filled()
  topology.removeExchange('f')
  expect(await replayed(topology)).toEqual(['open', 'exchange e', 'queue q', 'bindQueue e>q'])
  topology.removeExchange('e')
  expect(await replayed(topology)).toEqual(['open', 'queue q'])
})

test('forgets one binding of several', async () => {
  const topology = filled()
  topology.addQueueBinding(binding('f', 'q', 'k'))
  topology.removeQueueBinding(binding('e', 'q'))
  topology.removeExchangeBinding(binding('e', 'f'))
  expect(await replayed(topology)).toEqual([
    'open',
    'exchange e',
    'exchange f',
    'queue q',
    'bindQueue f>q',
  ])
  expect(topology.exchangeType('f')).toBe('direct')
})
