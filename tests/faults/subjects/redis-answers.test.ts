import { expect, test } from 'vitest'
import { startRedis } from '../../../tools/brokers/redis.ts'
import { redisAnswers } from './redis-answers.ts'

test('a long answer arrives whole', async () => {
  await using server = await startRedis()
  const bytes = 20_000_000

  await redisAnswers(server.port, [`SETRANGE key ${bytes - 1} x`])
  const answer = await redisAnswers(server.port, ['GET key'])

  expect(answer).toHaveLength(`$${bytes}\r\n`.length + bytes + '\r\n'.length)
})

test('a server that is not there is an error', async () => {
  await using server = await startRedis()
  await server.process.kill()

  await expect(redisAnswers(server.port, ['PING'])).rejects.toThrow('ECONNREFUSED')
})
