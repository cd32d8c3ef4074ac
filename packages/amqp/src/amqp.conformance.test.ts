import { type Runner, type TransportSetup, testTransport } from '@dashi/conformance'
import { Connection } from '@dashi/messaging'
import { afterAll, describe, expect, test } from 'vitest'
import { startRabbitmq } from '../../../tools/brokers/rabbitmq.ts'
import { amqp } from './amqp.ts'

const server = await startRabbitmq()
const place = { host: '127.0.0.1', port: Number(new URL(server.url).port) }

afterAll(async () => {
  await server[Symbol.asyncDispose]()
})

const alarm = '{{resource_limit,memory,node()},[]}'

const setup: TransportSetup = {
  name: 'amqp',
  create: (overrides) => amqp({ ...place, ...overrides }),
  process: { url: server.url, recoveryMs: 2_000 },
  lettersWithoutExchange: 'dropped',
  faults: {
    async cutConnections() {
      await server.control('close_all_connections', 'cut')
    },
    restart: { kill: () => server.process.kill(), start: () => server.process.start() },
    async freeze() {
      server.process.signal('SIGSTOP')
      return async () => server.process.signal('SIGCONT')
    },
    refusals: [
      {
        name: 'low on memory',
        async begin() {
          await server.control('eval', `rabbit_alarm:set_alarm(${alarm}).`)
          return async () => {
            await server.control(
              'eval',
              'rabbit_alarm:clear_alarm({resource_limit,memory,node()}).',
            )
          }
        },
      },
    ],
  },
  unreachable: [
    {
      name: 'nobody listens',
      open: (options) => new Connection('amqp://127.0.0.1:1//', options),
      code: 'CONNECTION_REFUSED',
    },
    {
      name: 'a wrong password',
      open: (options) => new Connection(amqp({ ...place, password: 'wrong' }), options),
      code: 'ACCESS_REFUSED',
      isHopeless: true,
    },
    {
      name: 'no such virtual host',
      open: (options) => new Connection(amqp({ ...place, virtualHost: 'nowhere' }), options),
      code: 'ACCESS_REFUSED',
      isHopeless: true,
    },
  ],
}

/** Where the broker decides, and decides otherwise than the suite's own layer: see `rabbitmq-facts.broker.test.ts`. */
const otherwise: readonly string[] = [
  // Back to the place where it was, not before all others.
  'a requeued message keeps its priority',
  // RabbitMQ dead-letters by itself, and drops what has no place to go.
  'a message whose letter has no place to go stays in its queue, without a storm',
  // An acknowledgement is on disk later than it is answered.
  'what was confirmed and what was held outlives the broker',
  // The message that finds the broker without memory is in its socket: nobody can take it back.
  'low on memory: publish says so, and works again afterwards',
  // The default exchange makes no queues.
  'what a process published before it was killed is there',
]

const runner: Runner = {
  describe,
  test: (name, run, timeoutMs) => otherwise.includes(name) || test(name, run, timeoutMs),
  expect,
}

testTransport(runner, setup)
