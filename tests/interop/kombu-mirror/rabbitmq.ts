/** What Kombu's test_py_amqp.py adds. */
import assert from 'node:assert/strict'
import { ChannelError, Queue } from '@dashi/messaging'
import { type Mirrors, ourConnection } from './mirror.ts'

/** One test: an error of a channel leaves nothing behind in the pool that would block the next publish. */
export const rabbitmqMirrors: Mirrors = {
  'test_PyAMQPConnectionPool.test_publish_confirm_does_not_block': {
    places: ['rabbitmq'],
    sides: 'ours',
    run: async (stage) => {
      await using connection = ourConnection(stage)
      await using pool = connection.pool({ limit: 1 })
      const queue = new Queue(stage.name('test-queue'))
      const unroutable = { routingKey: stage.name('nowhere'), mandatory: false }
      const failing = pool.use(async (pooled) => {
        await queue.declare(pooled.defaultChannel)
        await pooled.producer().publish({ foo: 'bar' }, unroutable)
        assert.equal(pooled.connected, true)
        await queue.delete(pooled.defaultChannel)
        await pooled.defaultChannel.get(queue.name)
      })
      await assert.rejects(failing, ChannelError)
      const options = { ...unroutable, timeoutMs: 3_000 }
      await pool.use((pooled) => pooled.producer().publish({ foo: 'bar' }, options))
    },
  },
}
