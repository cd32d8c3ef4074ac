import { testResultStore } from '@dashi/conformance'
import { afterAll, describe, expect, test } from 'vitest'
import { startRedis } from '../../../../tools/brokers/redis.ts'
import { openClient, type RedisClient } from '../connection/client.ts'
import { serverSettings } from '../settings.ts'
import { redisResults } from './redis-results.ts'

const server = await startRedis()
const place = { host: '127.0.0.1', port: server.port }

afterAll(() => server[Symbol.asyncDispose]())

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

for (const globalKeyprefix of ['', 'shop']) {
  testResultStore(
    { describe, test, expect },
    {
      name: `redis${globalKeyprefix && ' with a prefix'}`,
      create: () => redisResults(place, { globalKeyprefix }),
      expiry: 'itself',
      async putForeign(taskId) {
        const key = `${globalKeyprefix && `${globalKeyprefix}_`}celery-task-meta-${taskId}`
        await withServer((client) => client.send(['SET', key, 'no JSON']))
      },
      cutConnections: () =>
        withServer(async (client) => {
          await client.send(['CLIENT', 'KILL', 'SKIPME', 'yes', 'TYPE', 'normal'])
          await client.send(['CLIENT', 'KILL', 'TYPE', 'pubsub'])
        }),
    },
  )
}
