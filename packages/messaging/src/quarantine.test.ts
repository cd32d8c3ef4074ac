import { expect, test } from 'vitest'
import { Connection } from './connection.ts'
import { Queue } from './entity/queue.ts'
import { memory } from './memory/memory.ts'
import { MemoryBroker } from './memory/memory-broker.ts'
import { quarantine } from './quarantine.ts'

const queue = new Queue('q')

async function received(connection: Connection) {
  const message = await connection.defaultChannel.get('q')
  if (message === undefined) throw new Error('Nothing to set aside')
  return message
}

test('keeps everything, adds why, and is told', async () => {
  await using connection = new Connection(memory(), { quarantineQueue: 'aside' })
  const warned = new Promise<Error>((resolve) =>
    connection.on('warning', ({ error }) => resolve(error)),
  )
  const options = {
    headers: { own: 1 },
    expirationMs: 60_000,
    correlationId: 'c',
    deliveryMode: 1,
  } as const
  await connection.producer().publish('body', { routingKey: 'q', declare: [queue], ...options })
  const channel = connection.defaultChannel
  await quarantine(await received(connection), new Error('because'), { connection, channel })

  expect((await warned).message).toMatch(/queue "q".*"aside".*because/)
  const message = await channel.get('aside')
  expect(message?.headers).toMatchObject({
    own: 1,
    'x-quarantine-reason': 'because',
    'x-quarantine-code': 'NOT_DECODABLE',
    'x-quarantine-queue': 'q',
  })
  expect(message?.properties).toMatchObject({ correlationId: 'c', deliveryMode: 2 })
  expect(message?.properties).not.toHaveProperty('expiration')
  expect(message?.payload).toBe('body')
  expect(connection.counters.quarantined).toBe(1)
})

test('a foreign item keeps its bytes', async () => {
  const broker = new MemoryBroker()
  await using connection = new Connection(memory({ broker }))
  connection.on('warning', () => undefined)
  const bytes = Uint8Array.of(0xff, 0xfe, 0)
  broker.queue('q').push(bytes, 0)
  const channel = connection.defaultChannel
  const message = await received(connection)
  await quarantine(message, message.errors[0], { connection, channel })
  const aside = await channel.get('dashi.quarantine')
  expect(aside?.payload).toEqual(Buffer.from(bytes))
  expect(aside?.contentType).toBe('application/data')
})

test('what cannot be stored goes back, not at once, and not after its channel ended', async () => {
  const broker = new MemoryBroker()
  const sender = new Connection(memory({ broker }))
  await sender.producer().publish('x'.repeat(500), { routingKey: 'q', declare: [queue] })
  await sender.close()
  const connection = new Connection(memory({ broker, maxPayloadBytes: 300 }))
  const warned = new Promise<Error>((resolve) =>
    connection.on('warning', ({ error }) => resolve(error)),
  )
  const channel = connection.defaultChannel
  const done = quarantine(await received(connection), new Error('x'), { connection, channel })
  expect(await warned).toMatchObject({ code: 'TOO_LARGE' })
  await new Promise((resolve) => setImmediate(resolve))
  expect(broker.find('q')?.size).toBe(0)
  const began = performance.now()
  await connection.close()
  await done
  expect(performance.now() - began).toBeLessThan(500)
  expect(broker.find('q')?.size).toBe(1)
})
