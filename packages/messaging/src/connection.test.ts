import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import type { Channel } from './connection/channel.ts'
import { Connection } from './connection.ts'
import { Queue } from './entity/queue.ts'
import { ConnectionError } from './errors.ts'
import { memory } from './memory/memory.ts'
import { StagedTransport } from './testing/staged-transport.ts'

const policy = { intervalStartMs: 1, intervalStepMs: 0 }
const lost = () => new ConnectionError('CONNECTION_LOST', 'cut')

describe('ensureConnection()', () => {
  test('connects, however often it takes', async () => {
    const transport = new StagedTransport({
      connecting: (attempt) => {
        if (attempt < 4) throw new ConnectionError('CONNECTION_REFUSED', 'away')
      },
    })
    await using connection = new Connection(transport, { backoff: { startMs: 1, maxMs: 1 } })
    const errors: string[] = []
    await connection.ensureConnection({ ...policy, errback: ({ message }) => errors.push(message) })
    expect(connection.connected).toBe(true)
    expect(errors.length).toBeGreaterThan(0)
  })

  test('gives up after maxRetries, with the last reason', async () => {
    const transport = new StagedTransport({
      connecting: () => {
        throw new ConnectionError('CONNECTION_REFUSED', 'away')
      },
    })
    await using connection = new Connection(transport)
    const ensuring = connection.ensureConnection({ ...policy, maxRetries: 1 })
    await expect(ensuring).rejects.toThrow('away')
  })
})

describe('ensure()', () => {
  test('calls again after a failure of the connection, with the same arguments', async () => {
    await using connection = new Connection(memory())
    const calls: string[] = []
    const run = connection.ensure(async (a: string, b: number) => {
      calls.push(`${a}${b}`)
      if (calls.length < 3) throw lost()
      return b
    }, policy)
    expect(await run('x', 1)).toBe(1)
    expect(calls).toEqual(['x1', 'x1', 'x1'])
  })

  test('lets other errors through', async () => {
    await using connection = new Connection(memory())
    const run = connection.ensure(() => Promise.reject(new Error('mine')), policy)
    await expect(run()).rejects.toThrow('mine')
  })

  test('autoretry() gives the function a channel that works', async () => {
    await using connection = new Connection(memory())
    const channels: Channel[] = []
    const run = connection.autoretry(async (channel, name: string) => {
      channels.push(channel)
      if (channels.length === 1) throw lost()
      return (await new Queue(name).declare(channel)).queue
    }, policy)
    expect(await run('q')).toBe('q')
    expect(channels).toHaveLength(2)
  })
})

describe('clone()', () => {
  test('has the same settings, or others', () => {
    const connection = new Connection('redis://a;b', {
      connectTimeoutMs: 7,
      transportOptions: { x: 1 },
    })
    const clone = connection.clone({ connectTimeoutMs: 9 })
    expect(clone.settings).toEqual({ ...connection.settings, connectTimeoutMs: 9 })
    expect(clone).not.toBe(connection)
  })
})

describe('the default channel', () => {
  test('is replaced when it was closed', async () => {
    await using connection = new Connection(memory())
    const first = connection.defaultChannel
    expect(connection.defaultChannel).toBe(first)
    await first.close()
    expect(connection.defaultChannel).not.toBe(first)
    expect((await new Queue('q').declare(connection.defaultChannel)).queue).toBe('q')
  })
})

test('a process that used everything and closed its connection ends by itself', async () => {
  const program = `
    import { Connection, Exchange, Queue, memory } from '@dashi/messaging'
    const connection = new Connection(memory())
    const queue = new Queue('q', { exchange: new Exchange('e', { type: 'fanout' }) })
    const stream = connection.consume(queue)
    await stream.start()
    await connection.producer({ exchange: queue.exchange }).publish('x')
    const { value } = await stream.next()
    value.ack()
    await value.settled()
    connection.collect()
    await connection.ready()
    const waiting = stream.next()
    await connection.close()
    await waiting
    console.log('closed')
  `
  const args = ['--conditions=@dashi/source', '--input-type=module', '--eval', program]
  const cwd = import.meta.dirname
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd, timeout: 8_000 })
  expect(stdout).toBe('closed\n')
})
