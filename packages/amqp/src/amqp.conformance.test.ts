import {
  type BrokerRefusal,
  type Runner,
  type TransportSetup,
  testTransport,
} from '@dashi/conformance'
import { Connection } from '@dashi/messaging'
import { afterAll, describe, expect, test } from 'vitest'
import { startRabbitmq } from '../../../tools/brokers/rabbitmq.ts'
import { amqp } from './amqp.ts'

const server = await startRabbitmq()
const place = { host: '127.0.0.1', port: Number(new URL(server.url).port) }

afterAll(async () => {
  await server[Symbol.asyncDispose]()
})

/** An alarm as the node's own watch would raise it. */
function alarm(name: string, resource: string): BrokerRefusal {
  return {
    name,
    async begin() {
      await server.control(
        'eval',
        `rabbit_alarm:set_alarm({{resource_limit,${resource},node()},[]}).`,
      )
      return async () => {
        await server.control(
          'eval',
          `rabbit_alarm:clear_alarm({resource_limit,${resource},node()}).`,
        )
      }
    },
  }
}

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
    refusals: [alarm('low on memory', 'memory'), alarm('low on disk', 'disk')],
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

const runner: Runner = { describe, test, expect }

testTransport(runner, setup)
