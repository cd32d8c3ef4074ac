/** Priorities in the declared direction, or honestly none. */
import type { Connection } from '@dashi/messaging'
import { type Case, type CaseGroup, full, type Subject } from '../case.ts'

export const priorityCases: CaseGroup = {
  name: 'priorities',
  cases: (subject) => (subject.capabilities.priorities === false ? [none] : ordered(subject)),
}

const none: Case = full('priorities do not change the order', async (stage) => {
  const queue = stage.queue()
  const connection = stage.connect()
  await stage.declare(connection, queue)
  for (const priority of [0, 9, 3]) await send(connection, queue.name, { body: priority, priority })
  stage.expect(await stage.drain(connection, queue)).toEqual([0, 9, 3])
})

function ordered({ capabilities }: Subject): readonly Case[] {
  const isHighFirst = capabilities.priorities === 'high-first'
  const [top, high, low] = isHighFirst ? [9, 6, 0] : [0, 3, 9]
  const direction = isHighFirst ? 'the highest' : 'the lowest'

  return [
    full(`${direction} priority is served first, equal ones in order`, async (stage) => {
      const queue = stage.queue({ maxPriority: 9 })
      const connection = stage.connect()
      await stage.declare(connection, queue)
      await send(connection, queue.name, { body: 'first', priority: low })
      await send(connection, queue.name, { body: 'second', priority: high })
      await send(connection, queue.name, { body: 'third', priority: low })
      stage.expect(await stage.drain(connection, queue)).toEqual(['second', 'first', 'third'])
    }),

    full('a requeued message keeps its priority', async (stage) => {
      const queue = stage.queue({ maxPriority: 9 })
      const connection = stage.connect()
      await stage.declare(connection, queue)
      await send(connection, queue.name, { body: 'first', priority: low })
      await send(connection, queue.name, { body: 'second', priority: high })
      await send(connection, queue.name, { body: 'third', priority: low })
      const held = [
        await stage.get(connection, queue),
        await stage.get(connection, queue),
        await stage.get(connection, queue),
      ]
      for (const message of held) message.requeue()
      await connection.defaultChannel.settled()
      await send(connection, queue.name, { body: 'top', priority: top })
      const bodies = await stage.drain(connection, queue)
      stage.expect(bodies.slice(0, 2)).toEqual(['top', 'second'])
      const rest = bodies.slice(2)
      // Next to be delivered is either the latest that was put back, or each in its old place.
      stage
        .expect(capabilities.requeue === 'last' ? rest : [...rest].sort())
        .toEqual(['first', 'third'])
    }),

    full('a message that comes back with its channel keeps its priority', async (stage) => {
      const queue = stage.queue({ maxPriority: 9 })
      const connection = stage.connect()
      await stage.declare(connection, queue)
      await send(connection, queue.name, { body: 'low', priority: low })
      await send(connection, queue.name, { body: 'high', priority: high })
      const { consumer, inbox } = await stage.consume(connection, queue)
      await inbox.arrived(2)
      await consumer.close()
      stage.expect(await stage.drain(connection, queue)).toEqual(['high', 'low'])
    }),

    full('priorities out of range count as the nearest', async (stage) => {
      const queue = stage.queue({ maxPriority: 9 })
      const connection = stage.connect()
      await stage.declare(connection, queue)
      await send(connection, queue.name, { body: 'zero', priority: 0 })
      await send(connection, queue.name, { body: 'beyond', priority: 200 })
      const expected = isHighFirst ? ['beyond', 'zero'] : ['zero', 'beyond']
      stage.expect(await stage.drain(connection, queue)).toEqual(expected)
    }),
  ]
}

interface Prioritised {
  readonly body: string | number
  readonly priority: number
}

async function send(
  connection: Connection,
  routingKey: string,
  message: Prioritised,
): Promise<void> {
  const { body, priority } = message
  await connection.producer().publish(body, { routingKey, priority })
}
