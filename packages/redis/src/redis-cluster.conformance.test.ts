import { type TransportSetup, testTransport } from '@dashi/conformance'
import { afterAll, describe, expect, test } from 'vitest'
import { startRedisCluster } from '../../../tools/brokers/redis-cluster.ts'
import { openClient, type RedisClient } from './connection/client.ts'
import { redis } from './redis.ts'
import { serverSettings, storeSettings } from './settings.ts'
import { Keys } from './store/keys.ts'

const cluster = await startRedisCluster({ appendonly: true })
const globalKeyprefix = '{shop}:'
const owner = await cluster.ownerOf(await cluster.slotOf(globalKeyprefix))
const home = cluster.nodes.find(({ port }) => port === owner)
// Not the one that has the keys, so that every connection is sent on.
const [named] = cluster.nodes.filter(({ port }) => port !== owner)
const place = { host: '127.0.0.1', port: named?.port }
const leaseMs = 2_000
const options = { ...place, globalKeyprefix, leaseMs }
const keys = new Keys(storeSettings(options).keys)

afterAll(() => cluster.stop())

/** Commands of an operator. */
async function atNode<Value>(
  port: number,
  use: (client: RedisClient) => Promise<Value>,
): Promise<Value> {
  const settings = serverSettings({ host: '127.0.0.1', port }, 'test')
  const target = { ...settings, tls: undefined, tracking: false }
  const client = await openClient(target, AbortSignal.timeout(5_000))
  try {
    return await use(client)
  } finally {
    client.destroy()
  }
}

const setup: TransportSetup = {
  name: 'redis cluster',
  create: (overrides) => redis({ ...options, ...overrides }),
  process: {
    url: `redis://127.0.0.1:${named?.port}`,
    transportOptions: { globalKeyprefix, leaseMs },
    // A process that is killed at once is still in the first term of its lease, which is 5 s.
    recoveryMs: 6_500,
  },
  async putForeign(queue, bytes) {
    await atNode(owner, (client) =>
      client.send(['LPUSH', keys.queue(queue, 0), Buffer.from(bytes)]),
    )
  },
  faults: {
    async cutConnections() {
      for (const { port } of cluster.nodes) {
        await atNode(port, async (client) => {
          await client.send(['CLIENT', 'KILL', 'SKIPME', 'yes', 'TYPE', 'normal'])
          await client.send(['CLIENT', 'KILL', 'TYPE', 'pubsub'])
        })
      }
    },
    restart: {
      kill: async () => home?.process.kill(),
      start: async () => home?.process.start(),
    },
    async freeze() {
      home?.process.signal('SIGSTOP')
      return async () => home?.process.signal('SIGCONT')
    },
    refusals: [
      {
        name: 'out of memory',
        async begin() {
          const limit = (value: string) =>
            atNode(owner, (client) => client.send(['CONFIG', 'SET', 'maxmemory', value]))
          await limit('1mb')
          return async () => {
            await limit('0')
          }
        },
      },
    ],
  },
}

testTransport({ describe, test, expect, afterAll }, setup)
