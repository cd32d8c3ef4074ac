import { describe, expect, test } from 'vitest'
import { type Heartbeat, readHeartbeat } from './heartbeat.ts'
import { WorkerTable } from './worker-table.ts'

function beat(id: string, more: object = {}): Heartbeat {
  return readHeartbeat({ ip: `ip of ${id}`, ts: 1, id, ...more })
}

function at(monotonicMs: number) {
  return { monotonicMs, unixMs: 1_000_000 + monotonicMs }
}

describe('WorkerTable', () => {
  test('tells who joined, changed, said nothing new, left', () => {
    const table = new WorkerTable(15_000)
    const kind = (heartbeat: Heartbeat) => table.heard(heartbeat, at(0))?.kind
    expect(kind(beat('a'))).toBe('joined')
    expect(kind(beat('a', { ts: 2 }))).toBe('same')
    expect(kind(beat('a', { capabilities: ['gpu'] }))).toBe('updated')
    expect(kind(beat('a', { capabilities: ['cpu'] }))).toBe('updated')
    expect(kind(beat('a', { capabilities: ['cpu'], queue: 'q' }))).toBe('updated')
    expect(kind(beat('a', { leaving: true }))).toBe('left')
    expect(kind(beat('a', { leaving: true }))).toBeUndefined()
    expect(table.workers()).toEqual([])
  })

  test('keeps the order in which they joined, and both times', () => {
    const table = new WorkerTable(15_000)
    table.heard(beat('b'), at(0))
    table.heard(beat('a'), at(5))
    table.heard(beat('b', { ts: 9 }), at(10))
    expect(table.workers().map(({ id }) => id)).toEqual(['b', 'a'])
    expect(table.find('b')).toEqual({
      id: 'b',
      ip: 'ip of b',
      capabilities: [],
      takesRequests: false,
      ts: 9,
      firstSeenAt: new Date(1_000_000),
      lastSeenAt: new Date(1_000_010),
    })
  })

  test('drops whoever is silent for longer than the time to live, whatever their clocks say', () => {
    const table = new WorkerTable(15_000)
    table.heard(beat('past', { ts: 0 }), at(0))
    table.heard(beat('future', { ts: 9e9 }), at(1))
    expect(table.expire(15_000)).toEqual([])
    expect(table.expire(15_001).map(({ id }) => id)).toEqual(['past'])
    expect(table.expire(15_002).map(({ id }) => id)).toEqual(['future'])
    expect(table.heard(beat('past'), at(20_000))?.kind).toBe('joined')
  })

  test('does not count time in which nobody could be heard', () => {
    const table = new WorkerTable(15_000)
    table.heard(beat('a'), at(0))
    table.excuse(60_000)
    expect(table.expire(75_000)).toEqual([])
    expect(table.expire(75_001)).toHaveLength(1)
  })

  test('is bounded', () => {
    const table = new WorkerTable(15_000, 2)
    for (const id of ['a', 'b', 'c']) table.heard(beat(id), at(0))
    expect(table.workers().map(({ id }) => id)).toEqual(['a', 'b'])
    expect(table.heard(beat('a', { ts: 3 }), at(1))?.kind).toBe('same')
  })
})
