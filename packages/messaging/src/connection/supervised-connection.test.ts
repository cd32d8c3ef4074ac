import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { Connection } from '../connection.ts'
import { Queue } from '../entity/queue.ts'
import { ConfigurationError, LeaseLostError, MessagingError } from '../errors.ts'
import { memory } from '../memory/memory.ts'

const queue = new Queue('q')

describe('drainEvents()', () => {
  test('answers once for each delivery, to whoever waits', async () => {
    await using connection = new Connection(memory())
    const consumer = connection.consumer({ queues: queue, onMessage: (message) => message.ack() })
    await consumer.consume()
    const drains = [connection.drainEvents(), connection.drainEvents({ timeoutMs: 5_000 })]
    const publish = () => connection.producer().publish('x', { routingKey: 'q' })
    await Promise.all([publish(), publish(), publish()])
    await Promise.all(drains)
    await connection.drainEvents({ timeoutMs: 5_000 })
    await expect(connection.drainEvents({ timeoutMs: 20 })).rejects.toMatchObject({
      code: 'TIMED_OUT',
    })
  })

  test('ends with the connection, and when aborted', async () => {
    const connection = new Connection(memory())
    await connection.connect()
    const abort = new AbortController()
    const drains = Promise.allSettled([
      connection.drainEvents(),
      connection.drainEvents({ signal: abort.signal }),
    ])
    abort.abort(new Error('enough'))
    await connection.close()
    const [closed, aborted] = await drains
    expect(closed).toMatchObject({ reason: { code: 'CONNECTION_CLOSED' } })
    expect(aborted).toMatchObject({ reason: { message: 'enough' } })
    await expect(connection.drainEvents()).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' })
  })
})

describe('warn()', () => {
  test('without a listener becomes a process warning', async () => {
    await using connection = new Connection(memory())
    const warned = once(process, 'warning')
    connection.warn(new MessagingError('REFUSED', 'out of memory'))
    const [warning] = await warned
    expect(warning).toMatchObject({
      message: 'out of memory',
      code: 'REFUSED',
      name: 'DashiWarning',
    })
  })

  test('with a listener does not; what is counted already is not told', async () => {
    await using connection = new Connection(memory())
    const heard: Error[] = []
    connection.on('warning', ({ error }) => heard.push(error))
    connection.warn('a text')
    connection.warn(new LeaseLostError('counted'))
    expect(heard).toEqual([new Error('a text')])
  })

  test('gets what a transport reports', async () => {
    const transport = memory()
    const connect = transport.connect.bind(transport)
    const notice = new MessagingError('REFUSED', 'a risky setting')
    transport.connect = (options) => {
      options.report?.(notice)
      return connect(options)
    }
    await using connection = new Connection(transport)
    const heard = new Promise((resolve) => connection.on('warning', ({ error }) => resolve(error)))
    await connection.connect()
    expect(await heard).toBe(notice)
  })
})

describe('who it is', () => {
  test('never shows the password unless asked', () => {
    const connection = new Connection('redis://user:secret@host:6379/2')
    expect(connection.asUri()).toBe('redis://user:**@host:6379/2')
    expect(String(connection)).toBe('<Connection: redis://user:**@host:6379/2>')
    expect(connection.asUri({ includePassword: true })).toContain('secret')
    expect(connection.host).toBe('host:6379')
    expect(connection.info()).toMatchObject({
      transport: 'redis',
      userid: 'user',
      virtualHost: '2',
    })
  })

  test('walks over its URLs', () => {
    const connection = new Connection('redis://a;b', { alternates: ['redis://c:1'] })
    const hosts = Array.from({ length: 4 }, () => {
      const { host } = connection
      connection.switchToNext()
      return host
    })
    expect(hosts).toEqual(['a', 'b', 'c:1', 'a'])
    expect([0, 1, 2, 3].map((retries) => connection.completesCycle(retries))).toEqual([
      false,
      false,
      true,
      false,
    ])
  })

  test('what the URL leaves open comes from the options', () => {
    const connection = new Connection('redis://host', {
      port: 7000,
      userid: 'u',
      password: 'p',
      virtualHost: '3',
    })
    expect(connection.asUri({ includePassword: true })).toBe('redis://u:p@host:7000/3')
    const given = new Connection('redis://host:1/9', { port: 7000, virtualHost: '3' })
    expect(given.asUri()).toBe('redis://host:1/9')
  })

  test('what its transport can do needs no broker', async () => {
    const connection = new Connection('memory://')
    expect((await connection.capabilities()).exchangeTypes).toContain('headers')
    expect(await connection.supportsExchangeType('fanout')).toBe(true)
    expect(await connection.supportsExchangeType('x-own')).toBe(false)
    expect(connection.connected).toBe(false)
  })
})

describe('wrong options', () => {
  test.each([
    [{ connectTimeoutMs: '5' }, /connectTimeoutMs.*number/],
    [{ conectTimeoutMs: 5 }, /connectTimeoutMs/],
    [{ port: 0 }, /port.*at least 1/],
    [{ failoverStrategy: 'random' }, /round-robin/],
    [{ failoverStrategy: () => [] }, /endless/],
  ])('%j are refused at once', (options, message) => {
    const make = () => new Connection('redis://h', options as object)
    expect(make).toThrow(ConfigurationError)
    expect(make).toThrow(message)
  })

  test('no URL is refused at once', () => {
    expect(() => new Connection([])).toThrow(ConfigurationError)
    expect(() => new Connection('')).toThrow(ConfigurationError)
  })
})
