import { expect, test } from 'vitest'
import { isRunning } from '../services/process.ts'
import { startRabbitmq } from './rabbitmq.ts'

test('what is durable outlives kill -9, on the same port, and nothing is left behind', async () => {
  const node = await startRabbitmq()
  const { managementUrl, epmd } = node
  const epmdRecord = epmd.record
  const url = `${managementUrl.replace('guest:guest@', '')}/api/queues/%2F/kept`
  const authorization = `Basic ${btoa('guest:guest')}`
  const put = { method: 'PUT', headers: { authorization }, body: '{"durable":true}' }
  expect((await fetch(url, put)).status).toBe(201)
  // RabbitMQ answers before its own catalogue of queues is on disk.
  await node.control('eval', 'mnesia:sync_log(), mnesia:dump_log().')
  await node.process.kill()
  await node.process.start()
  expect((await fetch(url, { headers: { authorization } })).status).toBe(200)
  expect(await node.control('list_queues', 'name')).toContain('kept')
  await node[Symbol.asyncDispose]()
  expect(epmdRecord && isRunning(epmdRecord)).toBe(false)
}, 120_000)
