/** Bounds: of what goes in, and of what comes out. */
import { deflateSync } from 'node:zlib'
import { DecodeError, PublishError } from '@dashi/messaging'
import { type CaseGroup, full } from '../case.ts'

const maxPayloadBytes = 4_096

export const limitCases: CaseGroup = {
  name: 'limits',
  cases: () => [
    full(
      'a message larger than the transport takes is refused by name; one just below is taken',
      async (stage) => {
        const connection = stage.connect({ overrides: { maxPayloadBytes } })
        const queue = stage.queue()
        await stage.declare(connection, queue)
        const producer = connection.producer()
        const to = { routingKey: queue.name }
        const tooLarge = { code: 'TOO_LARGE', name: PublishError.name }
        await stage.refused(producer.publish(new Uint8Array(maxPayloadBytes), to), tooLarge)
        await producer.publish(new Uint8Array(maxPayloadBytes / 2), to)
        stage.expect((await stage.get(connection, queue)).body.length).toBe(maxPayloadBytes / 2)
      },
    ),

    full('the bound counts bytes, headers included', async (stage) => {
      const connection = stage.connect({ overrides: { maxPayloadBytes } })
      const queue = stage.queue()
      await stage.declare(connection, queue)
      const headers = { wide: '€'.repeat(1_500) }
      const publishing = connection.producer().publish(1, { routingKey: queue.name, headers })
      await stage.refused(publishing, { code: 'TOO_LARGE', name: PublishError.name })
      stage.expect(await stage.count(connection, queue)).toBe(0)
    }),

    full('a body that inflates beyond the bound is not expanded', async (stage) => {
      const connection = stage.connect({ maxBodyBytes: 10_000 })
      const queue = stage.queue()
      const bomb = deflateSync(new Uint8Array(64 * 1024 * 1024))
      const options = { contentType: 'application/json', headers: { compression: 'gzip' } }
      await stage.sendWith(connection, queue, { bodies: [bomb], ...options })
      const message = await stage.get(connection, queue)
      await stage.refused(
        asPromise(() => message.body),
        { code: 'TOO_LARGE', name: DecodeError.name },
      )
      stage.expect(message.rawBody.length).toBe(bomb.length)
    }),

    full('two hundred queues can be declared, consumed at once, and deleted', async (stage) => {
      const connection = stage.connect()
      const queues = Array.from({ length: 200 }, () => stage.queue())
      await Promise.all(queues.map((queue) => stage.send(connection, queue, [queue.name])))
      const { inbox } = await stage.consume(connection, queues, { settle: (m) => m.ack() })
      await inbox.arrived(queues.length, 10_000)
      stage.expect(new Set(inbox.bodies)).toEqual(new Set(queues.map((queue) => queue.name)))
    }),
  ],
}

async function asPromise<T>(run: () => T): Promise<T> {
  return run()
}
