import { expect, test } from 'vitest'
import { answersOn } from '../services/port.ts'
import { askRedis } from '../services/redis-request.ts'
import { startRedis } from './redis.ts'

test('with appendonly, what Redis answered outlives kill -9', async () => {
  await using redis = await startRedis({ appendonly: true })
  await askRedis(redis.port, 'SET key value')
  await redis.process.kill()
  expect(await askRedis(redis.port, 'GET key')).toBe('')
  await redis.process.start()
  expect(await askRedis(redis.port, 'GET key')).toContain('value')
})

test('without it, a killed Redis comes back empty on the same port', async () => {
  await using redis = await startRedis()
  await askRedis(redis.port, 'SET key value')
  await redis.process.kill()
  await redis.process.start()
  expect(await askRedis(redis.port, 'GET key')).toContain('$-1')
})

test('nobody listens any more when kill() has resolved, however long its memory takes to free', async () => {
  await using server = await startRedis()
  for (let round = 0; round < 5; round += 1) {
    await askRedis(server.port, 'SETRANGE large 300000000 x')
    await server.process.kill()
    expect(await answersOn(server.port)).toBe(false)
    await server.process.start()
  }
})
