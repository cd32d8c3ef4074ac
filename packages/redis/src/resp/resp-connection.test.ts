import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { LostError, ReplyError } from '../connection/client-errors.ts'
import { RespConnection } from './resp-connection.ts'

const opened: RespConnection[] = []
const disposals: (() => void)[] = []

afterEach(() => {
  for (const connection of opened.splice(0)) connection.end(undefined)
  for (const dispose of disposals.splice(0)) dispose()
})

/** A connection to whoever answers in the test. */
async function connected(): Promise<{ connection: RespConnection; server: Socket }> {
  const listening = createServer()
  listening.listen(0, '127.0.0.1')
  await once(listening, 'listening')
  disposals.push(() => listening.close())
  const address = listening.address()
  if (address === null || typeof address === 'string') throw new Error('No port to listen on')
  const arrival = once(listening, 'connection')
  const connection = new RespConnection({
    host: '127.0.0.1',
    port: address.port,
    path: undefined,
    tls: undefined,
    socketKeepalive: true,
    socketKeepaliveIdleMs: 1_000,
  })
  opened.push(connection)
  await connection.opened
  const [server] = (await arrival) as [Socket]
  disposals.push(() => server.destroy())
  return { connection, server }
}

const ignore = () => undefined
const received = async (socket: Socket) => String((await once(socket, 'data'))[0])
const ping = (connection: RespConnection) => connection.send(['PING'], false)

describe('answers', () => {
  test('come in their order, as bytes for those who asked for that', async () => {
    const { connection, server } = await connected()
    const get = ['GET', 'k']
    const answers = [
      connection.send(get, false),
      connection.send(get, true),
      connection.send(get, false),
    ]
    expect(await received(server)).toBe('*2\r\n$3\r\nGET\r\n$1\r\nk\r\n'.repeat(3))
    server.write('$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n')
    expect(await Promise.all(answers)).toEqual(['a', Buffer.from('b'), 'c'])
  })

  test('that are errors reject their command only', async () => {
    const { connection, server } = await connected()
    const answers = [ping(connection), ping(connection)]
    server.write('-BUSY script\r\n+PONG\r\n')
    await expect(answers[0]).rejects.toEqual(new ReplyError('BUSY script'))
    expect(await answers[1]).toBe('PONG')
  })
})

describe('the connection ends when the server', () => {
  test('sends garbage: no later answer is another command’s', async () => {
    const { connection, server } = await connected()
    const answers = [ping(connection), ping(connection), ping(connection)]
    server.write('+one\r\ngarbage\r\n+two\r\n+three\r\n')
    expect(await answers[0]).toBe('one')
    const results = await Promise.allSettled(answers.slice(1))
    for (const result of results) {
      expect(result).toMatchObject({ reason: { name: 'LostError', wasSent: true } })
    }
    expect(await connection.closed).toMatchObject({ name: 'UnreadableReplyError' })
  })

  test('answers what nobody asked', async () => {
    const { connection, server } = await connected()
    server.write(':1\r\n')
    expect(await connection.closed).toMatchObject({
      message: expect.stringContaining('nobody had asked'),
    })
  })

  test('refuses it before anything was asked', async () => {
    const { connection, server } = await connected()
    server.write('-ERR max number of clients reached\r\n')
    expect(await connection.closed).toEqual(new ReplyError('ERR max number of clients reached'))
  })

  test('hangs up in the middle of an answer', async () => {
    const { connection, server } = await connected()
    const answer = ping(connection)
    server.end('$100\r\nabc')
    await expect(answer).rejects.toMatchObject({
      wasSent: true,
      message: 'the server closed the connection',
    })
  })

  test('takes back a subscription', async () => {
    const { connection, server } = await connected()
    const subscribed = connection.change({ verb: 'subscribe', name: 'a', listener: ignore })
    server.write('>3\r\n+subscribe\r\n+a\r\n:1\r\n')
    await subscribed
    server.write('>3\r\n+unsubscribe\r\n+a\r\n:0\r\n')
    expect(await connection.closed).toMatchObject({ message: expect.stringContaining('"a"') })
  })

  test('answers a subscription with something else', async () => {
    const { connection, server } = await connected()
    const subscribed = connection.change({ verb: 'subscribe', name: 'a', listener: ignore })
    server.write('+OK\r\n')
    await expect(subscribed).rejects.toBeInstanceOf(LostError)
  })
})

describe('end()', () => {
  test('tells commands whether they were sent', async () => {
    const { connection } = await connected()
    const sent = ping(connection)
    await new Promise((resolve) => setImmediate(resolve))
    const unsent = ping(connection)
    connection.end(new Error('enough'))
    const late = ping(connection)
    await expect(sent).rejects.toMatchObject({ wasSent: true, message: 'enough' })
    await expect(unsent).rejects.toMatchObject({ wasSent: false, message: 'enough' })
    await expect(late).rejects.toMatchObject({ wasSent: false, message: 'enough' })
    expect(await connection.closed).toEqual(new Error('enough'))
  })

  test('without a reason leaves none', async () => {
    const { connection } = await connected()
    const answer = ping(connection)
    connection.end(undefined)
    connection.end(new Error('too late'))
    await expect(answer).rejects.toMatchObject({ message: 'the connection was closed' })
    expect(await connection.closed).toBe(undefined)
  })

  test('from a listener leaves the rest of what came unread', async () => {
    const { connection, server } = await connected()
    const heard: string[] = []
    const listener = (payload: Buffer) => {
      heard.push(String(payload))
      connection.end(undefined)
    }
    const subscribed = connection.change({ verb: 'subscribe', name: 'a', listener })
    const message = (text: string) => `>3\r\n+message\r\n+a\r\n$1\r\n${text}\r\n`
    server.write(`>3\r\n+subscribe\r\n+a\r\n:1\r\n${message('1')}${message('2')}`)
    await subscribed
    expect(await connection.closed).toBe(undefined)
    expect(heard).toEqual(['1'])
  })
})

describe('what the server says by itself', () => {
  test('does not get mixed up with answers', async () => {
    const { connection, server } = await connected()
    const keys: (string | undefined)[] = []
    connection.onInvalidated((key) => keys.push(key))
    const answer = ping(connection)
    server.write('>2\r\n+invalidate\r\n*2\r\n$1\r\na\r\n$1\r\nb\r\n>1\r\n+novelty\r\n')
    server.write('>2\r\n+invalidate\r\n_\r\n+PONG\r\n')
    expect(await answer).toBe('PONG')
    expect(keys).toEqual(['a', 'b', undefined])
  })

  test('a shard that moves is told while answers are outstanding', async () => {
    const { connection, server } = await connected()
    const moved: string[] = []
    const heard: string[] = []
    connection.onShardMoved((channel) => moved.push(channel))
    const listener = (payload: Buffer) => heard.push(String(payload))
    const subscribed = connection.change({ verb: 'ssubscribe', name: 'a', listener })
    server.write('>3\r\n+ssubscribe\r\n+a\r\n:1\r\n')
    await subscribed
    const answer = ping(connection)
    server.write('>3\r\n+smessage\r\n+a\r\n+1\r\n')
    server.write('>3\r\n$8\r\nsmessage\r\n$1\r\na\r\n$1\r\n2\r\n')
    server.write('>3\r\n+sunsubscribe\r\n+a\r\n:0\r\n+PONG\r\n')
    expect(await answer).toBe('PONG')
    expect(moved).toEqual(['a'])
    expect(heard).toEqual(['2'])
  })
})

test('a failure to connect is the socket’s own', async () => {
  const free = createServer().listen(0, '127.0.0.1')
  await once(free, 'listening')
  const address = free.address()
  free.close()
  await once(free, 'close')
  if (address === null || typeof address === 'string') throw new Error('No port')
  const connection = new RespConnection({
    host: '127.0.0.1',
    port: address.port,
    path: undefined,
    tls: undefined,
    socketKeepalive: true,
    socketKeepaliveIdleMs: 1_000,
  })
  await expect(connection.opened).rejects.toBeInstanceOf(LostError)
  expect(await connection.closed).toMatchObject({ code: 'ECONNREFUSED' })
})
