/** Results as messages, over real brokers whose connections break. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { testResultStore } from '@dashi/conformance'
import { Connection } from '@dashi/messaging'
import { afterAll, describe, expect, test } from 'vitest'
import { startRabbitmq } from '../../../../../tools/brokers/rabbitmq.ts'
import { startRedis } from '../../../../../tools/brokers/redis.ts'
import { resultMeta } from '../make-result-meta.ts'
import { openStore } from '../open-store.ts'
import { storeOptions } from '../testing/store-options.ts'
import { rpcResults } from './rpc-results.ts'

const runner = { describe, test, expect }
const [redis, rabbitmq] = await Promise.all([startRedis(), startRabbitmq()])

afterAll(async () => {
  await redis[Symbol.asyncDispose]()
  await rabbitmq[Symbol.asyncDispose]()
})

/** Commands of an operator, one by one. */
async function tellRedis(commands: readonly string[]): Promise<void> {
  const socket = connect(redis.port, '127.0.0.1')
  for (const command of commands) {
    socket.write(`${command}\r\n`)
    await once(socket, 'data')
  }
  socket.destroy()
}

const shared = {
  create: () => rpcResults(),
  readers: 'caller',
  groups: false,
  expiry: 'never',
} as const

testResultStore(runner, {
  ...shared,
  name: 'rpc over Redis',
  connect: () => new Connection(redis.url),
  cutConnections: () =>
    tellRedis(['CLIENT KILL TYPE normal SKIPME yes', 'CLIENT KILL TYPE pubsub SKIPME yes']),
})

testResultStore(runner, {
  ...shared,
  name: 'rpc over RabbitMQ',
  connect: () => new Connection(rabbitmq.url),
  async cutConnections() {
    await rabbitmq.control('close_all_connections', 'cut')
  },
})

test('what a worker sends while only its client is disconnected is there afterwards', async () => {
  const options = storeOptions()
  await using connection = new Connection(rabbitmq.url)
  await using workersConnection = new Connection(rabbitmq.url)
  await using client = openStore('rpc://', { ...options, connection })
  const told = Promise.withResolvers<unknown>()
  await client.watch('a', (meta) => told.resolve(meta.result))
  const clients = await rabbitmq.control('list_connections', 'pid')

  await using worker = openStore('rpc://', { ...options, connection: workersConnection })
  await worker.prepare('other')
  const pid = /<[\d.]+>|<.*?>/.exec(clients)?.[0] ?? ''
  const isLost = Promise.withResolvers<void>()
  connection.on('disconnected', () => isLost.resolve())
  const closed = rabbitmq.control('close_connection', pid, 'cut')
  await isLost.promise
  const meta = resultMeta({ taskId: 'a', status: 'SUCCESS', result: 7 })
  await worker.store(meta, { replyTo: client.replyTo, correlationId: 'a' })
  expect(await told.promise).toBe(7)
  await closed
})
