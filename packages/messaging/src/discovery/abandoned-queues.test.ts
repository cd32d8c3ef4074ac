import { afterEach, beforeEach, expect, test } from 'vitest'
import { Connection } from '../connection.ts'
import { memory } from '../memory/memory.ts'
import { MemoryBroker } from '../memory/memory-broker.ts'
import { AbandonedQueues } from './abandoned-queues.ts'
import { requestQueue } from './discovery-entities.ts'
import type { DiscoveredWorker } from './worker-table.ts'

let broker: MemoryBroker
let connection: Connection

beforeEach(() => {
  broker = new MemoryBroker()
  connection = new Connection(memory({ broker }))
})

afterEach(() => connection.close())

function worker(id: string, takesRequests = true): DiscoveredWorker {
  const seenAt = new Date(0)
  return { id, ip: id, capabilities: [], takesRequests, ts: 0, firstSeenAt: seenAt, lastSeenAt: seenAt } // biome-ignore format: one line
}

/** As a worker that was killed leaves it. */
async function abandon(id: string): Promise<void> {
  await using dead = connection.clone()
  await requestQueue('x', id).declare(dead.defaultChannel)
  await dead.producer().publish('job', { routingKey: `x.requests.${id}` })
}

async function boundQueues(): Promise<readonly string[]> {
  const bindings = await broker.bindings.lookup('x.requests')
  return bindings.map(({ queue }) => queue)
}

test('what the dead left goes, when they have been dead for long enough', async () => {
  for (const id of ['a', 'b', 'c']) await abandon(id)
  const queues = new AbandonedQueues(connection, 'x', 60_000)
  queues.died(worker('a'), 0)
  queues.died(worker('b'), 10_000)
  queues.died(worker('c'), 20_000)
  queues.heard('a')
  queues.sweep(59_999)
  expect(await boundQueues()).toHaveLength(3)
  queues.sweep(70_000)
  await expect.poll(boundQueues).toEqual(['x.requests.a', 'x.requests.c'])
  await expect.poll(() => broker.find('x.requests.b')).toBeUndefined()
  expect(broker.find('x.requests.a')?.size).toBe(1)
  expect((await broker.bindings.lookup('x.probe')).map(({ queue }) => queue)).not.toContain('x.requests.b') // biome-ignore format: one line
})

test('a queue that is gone already is no trouble', async () => {
  const warnings: Error[] = []
  connection.on('warning', ({ error }) => warnings.push(error))
  const queues = new AbandonedQueues(connection, 'x', 1)
  queues.died(worker('gone'), 0)
  queues.died(worker('silent', false), 0)
  queues.sweep(10)
  await abandon('other')
  queues.died(worker('other'), 10)
  queues.sweep(20)
  await expect.poll(boundQueues).toEqual([])
  expect(warnings).toEqual([])
})
