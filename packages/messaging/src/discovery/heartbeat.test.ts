import { expect, test } from 'vitest'
import { goodbyeBody, heartbeatBody, readHeartbeat } from './heartbeat.ts'

const worker = {
  id: 'w1',
  ip: '10.0.0.7',
  capabilities: ['gpu'],
  queue: 'worker_discovery.requests.w1',
  nowMs: 1_700_000_000_250,
}

test('heartbeatBody() begins with what worker.py writes', () => {
  expect(JSON.stringify(heartbeatBody(worker))).toBe(
    '{"ip":"10.0.0.7","ts":1700000000.25,"id":"w1","capabilities":["gpu"],"queue":"worker_discovery.requests.w1"}',
  )
  expect(heartbeatBody({ ...worker, queue: undefined })).not.toHaveProperty('queue')
})

test('goodbyeBody() is so old that proxy.py drops the worker', () => {
  const body = JSON.parse(JSON.stringify(goodbyeBody(worker)))
  expect(body).toEqual({ ip: '10.0.0.7', ts: 0, id: 'w1', leaving: true })
})

test('readHeartbeat() reads its own', () => {
  expect(readHeartbeat(heartbeatBody(worker))).toEqual({
    id: 'w1',
    ip: '10.0.0.7',
    ts: 1_700_000_000.25,
    capabilities: ['gpu'],
    takesRequests: true,
    isLeaving: false,
  })
  expect(readHeartbeat(goodbyeBody(worker))).toMatchObject({ id: 'w1', isLeaving: true })
})

test('readHeartbeat() knows a worker that says no more than its ip by that', () => {
  expect(readHeartbeat({ ip: '127.0.0.1', ts: 1_700_000_000.5 })).toEqual({
    id: '127.0.0.1',
    ip: '127.0.0.1',
    ts: 1_700_000_000.5,
    capabilities: [],
    takesRequests: false,
    isLeaving: false,
  })
})

test('readHeartbeat() takes nothing for granted', () => {
  expect(readHeartbeat({ ip: 'a', ts: 'noon', id: 7, capabilities: [1, 'x', null], queue: 3 })).toEqual({ id: 'a', ip: 'a', ts: 0, capabilities: ['x'], takesRequests: false, isLeaving: false }) // biome-ignore format: one line
  for (const body of [null, 'text', 7, [], {}, { ts: 1 }, { ip: 7 }, { ip: '' }])
    expect(() => readHeartbeat(body)).toThrow(expect.objectContaining({ code: 'NOT_DECODABLE' }))
})
