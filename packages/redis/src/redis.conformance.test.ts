import { silentServer, type TransportSetup, testTransport } from '@dashi/conformance'
import { Connection } from '@dashi/messaging'
import { afterAll, describe, expect, test } from 'vitest'
import { startRedis } from '../../../tools/brokers/redis.ts'
import { openClient, type RedisClient } from './connection/client.ts'
import { redis } from './redis.ts'
import { serverSettings, storeSettings } from './settings.ts'
import { Keys } from './store/keys.ts'

const server = await startRedis({ appendonly: true })
const silent = await silentServer()
const place = { host: '127.0.0.1', port: server.port }

afterAll(async () => {
  silent.close()
  await server[Symbol.asyncDispose]()
})

/** Commands of an operator. */
async function withServer<Value>(use: (client: RedisClient) => Promise<Value>): Promise<Value> {
  const target = { ...serverSettings(place, 'test'), tls: undefined, tracking: false }
  const client = await openClient(target, AbortSignal.timeout(5_000))
  try {
    return await use(client)
  } finally {
    client.destroy()
  }
}

const configure = (name: string, value: string) =>
  withServer((client) => client.send(['CONFIG', 'SET', name, value]))

const leaseMs = 2_000

function setup(name: string, globalKeyprefix: string): TransportSetup {
  const options = { ...place, globalKeyprefix, leaseMs }
  const keys = new Keys(storeSettings(options).keys)
  return {
    name,
    create: (overrides) => redis({ ...options, ...overrides }),
    process: {
      url: `redis://127.0.0.1:${server.port}/0`,
      transportOptions: { globalKeyprefix, leaseMs },
      // A process that is killed at once is still in the first term of its lease, which is 5 s.
      recoveryMs: 6_500,
    },
    async putForeign(queue, bytes) {
      await withServer((client) => client.send(['LPUSH', keys.queue(queue, 0), Buffer.from(bytes)]))
    },
    faults: {
      cutConnections: () =>
        withServer(async (client) => {
          await client.send(['CLIENT', 'KILL', 'SKIPME', 'yes', 'TYPE', 'normal'])
          await client.send(['CLIENT', 'KILL', 'TYPE', 'pubsub'])
        }),
      restart: { kill: () => server.process.kill(), start: () => server.process.start() },
      async freeze() {
        server.process.signal('SIGSTOP')
        return async () => server.process.signal('SIGCONT')
      },
      refusals: [
        {
          name: 'out of memory',
          async begin() {
            await configure('maxmemory', '1mb')
            return async () => {
              await configure('maxmemory', '0')
            }
          },
        },
        {
          name: 'too few replicas',
          async begin() {
            await configure('min-replicas-to-write', '1')
            return async () => {
              await configure('min-replicas-to-write', '0')
            }
          },
        },
        {
          name: 'a replica, read-only',
          async begin() {
            await withServer((client) => client.send(['REPLICAOF', '127.0.0.1', '1']))
            return async () => {
              await withServer((client) => client.send(['REPLICAOF', 'NO', 'ONE']))
            }
          },
        },
      ],
    },
    unreachable: [
      {
        name: 'nobody listens',
        open: (options) => new Connection('redis://127.0.0.1:1/0', options),
        code: 'CONNECTION_REFUSED',
      },
      {
        name: 'a server that never answers',
        open: (options) => new Connection(`redis://127.0.0.1:${silent.port}/0`, options),
        code: 'CONNECTION_REFUSED',
      },
      {
        name: 'an option that does not exist',
        open: (options) =>
          new Connection(server.url, { ...options, transportOptions: { leasMs: 1 } }),
        code: 'BAD_OPTION',
        withinMs: 500,
        isHopeless: true,
      },
      {
        name: 'a wrong password',
        open: (options) =>
          new Connection(redis({ ...place, username: 'nobody', password: 'wrong' }), options),
        code: 'ACCESS_REFUSED',
        isHopeless: true,
      },
      {
        name: 'no such database',
        open: (options) => new Connection(redis({ ...place, database: 99 }), options),
        code: 'CONNECTION_REFUSED',
      },
    ],
  }
}

testTransport({ describe, test, expect, afterAll }, setup('redis', ''))
testTransport({ describe, test, expect, afterAll }, setup('redis with a prefix', 'shop:'))
