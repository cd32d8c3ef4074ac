import { expect, test } from 'vitest'
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
