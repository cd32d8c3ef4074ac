import { expect, test } from 'vitest'
import { readHeartbeat } from './heartbeat.ts'
import { WorkerLoad } from './worker-load.ts'
import { WorkerTable } from './worker-table.ts'

const table = new WorkerTable(1)
for (const ip of ['a', 'b', 'c'])
  table.heard(readHeartbeat({ ip, ts: 0 }), { monotonicMs: 0, unixMs: 0 })
const workers = table.workers()

test('WorkerLoad gives turns to equals', () => {
  const load = new WorkerLoad()
  const turns = Array.from({ length: 6 }, () => {
    const id = load.choose(workers)?.id ?? 'nobody'
    load.begin(id)
    load.end(id)
    return id
  })
  expect(turns).toEqual(['a', 'b', 'c', 'a', 'b', 'c'])
})

test('WorkerLoad prefers the least busy', () => {
  const load = new WorkerLoad()
  load.begin('a')
  load.begin('a')
  load.begin('b')
  load.begin('c')
  load.end('c')
  expect(load.choose(workers)?.id).toBe('c')
  load.begin('c')
  load.end('a')
  load.end('a')
  expect(load.choose(workers)?.id).toBe('a')
  expect([load.of('a'), load.of('b')]).toEqual([0, 1])
})

test('WorkerLoad knows nobody among none', () => {
  expect(new WorkerLoad().choose([])).toBeUndefined()
})
