import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startRedis } from '../../../../tools/brokers/redis.ts'
import { anyPorts } from '../../../../tools/services/port.ts'
import { temporaryFolder } from '../../../../tools/services/server-process.ts'
import { startTcpProxy } from '../../../../tools/services/tcp-proxy.ts'
import { waitUntil } from '../../../../tools/services/wait.ts'
import { ReplyError } from '../connection/client-errors.ts'
import { type ConnectionTarget, openConnection } from './open-connection.ts'
import type { RespConnection } from './resp-connection.ts'

const folder = temporaryFolder('resp')
const [tlsPort = 0] = await anyPorts(1)
certificate()
const unixPath = join(folder, 'redis.sock')
const server = await startRedis({
  args: [
    ...['--unixsocket', unixPath],
    ...['--tls-port', String(tlsPort), '--tls-auth-clients', 'no'],
    ...[
      '--tls-cert-file',
      join(folder, 'server.crt'),
      '--tls-key-file',
      join(folder, 'server.key'),
    ],
    ...['--tls-ca-cert-file', join(folder, 'server.crt'), '--enable-debug-command', 'local'],
  ],
})

const target: ConnectionTarget = {
  host: '127.0.0.1',
  port: server.port,
  path: undefined,
  tls: undefined,
  username: undefined,
  password: undefined,
  database: 0,
  clientName: 'resp-test',
  socketConnectTimeoutMs: 5_000,
  socketKeepalive: true,
  socketKeepaliveIdleMs: 5_000,
  tracking: false,
}
const opened: RespConnection[] = []
let redis: RespConnection

beforeEach(async () => {
  redis = await open({ clientName: '' })
  await redis.send(['FLUSHALL'], false)
})

afterEach(() => {
  for (const connection of opened.splice(0)) connection.end(undefined)
})

afterAll(async () => {
  await server[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

function certificate(): void {
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost']
  const files = ['-keyout', 'server.key', '-out', 'server.crt']
  const args = ['req', '-x509', '-nodes', '-days', '2', '-newkey', 'rsa:2048', ...files, ...names]
  execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
}

async function open(
  change: Partial<ConnectionTarget> = {},
  signal: AbortSignal = AbortSignal.timeout(5_000),
): Promise<RespConnection> {
  const connection = await openConnection({ ...target, ...change }, signal)
  opened.push(connection)
  return connection
}

const send = <Answer>(...command: (string | Buffer)[]) => redis.send<Answer>(command, false)
const sendForBytes = <Answer>(...command: (string | Buffer)[]) => redis.send<Answer>(command, true)

describe('answers of Redis', () => {
  test.each<[string, unknown]>([
    ['string', 'Hello World'],
    ['integer', 12345],
    ['double', Number('3.141')],
    ['null', null],
    ['array', [0, 1, 2]],
    ['set', [0, 1, 2]],
    [
      'map',
      new Map([
        [0, false],
        [1, true],
        [2, false],
      ]),
    ],
    ['bignum', 1234567999999999999999999999999999999n],
    ['true', true],
    ['false', false],
    ['verbatim', 'This is a verbatim\nstring'],
    ['attrib', 'Some real reply following the attribute'],
  ])('DEBUG PROTOCOL %s', async (type, value) => {
    expect(await send('DEBUG', 'PROTOCOL', type)).toEqual(value)
  })

  test('are errors, also inside of arrays', async () => {
    await send('SET', 'k', 'v')
    await expect(send('LPUSH', 'k', 'v')).rejects.toMatchObject({ kind: 'WRONGTYPE' })
    const results = [send('MULTI'), send('GET', 'k'), send('LLEN', 'k'), send('EXEC')]
    const [, , , [value, error]] = (await Promise.all(results)) as [0, 0, 0, unknown[]]
    expect(value).toBe('v')
    expect(error).toBeInstanceOf(ReplyError)
  })

  test('hold any byte', async () => {
    const bytes = Buffer.from(Array.from({ length: 1_024 }, (_, at) => at % 256))
    await send('SET', 'k', bytes)
    expect(await sendForBytes('GET', 'k')).toEqual(bytes)
    expect(await send('STRLEN', 'k')).toBe(1_024)
    await send('SET', 'ü\r\n', '日本\r\n')
    expect(await send('GET', 'ü\r\n')).toBe('日本\r\n')
  })

  test('hold 50 MB, as text and as bytes', async () => {
    const bytes = Buffer.alloc(50 * 1024 * 1024)
    for (let at = 0; at < bytes.length; at += 4) bytes.writeUInt32LE((at * 2_654_435_761) >>> 0, at)
    await send('SET', 'k', bytes)
    const answer = await sendForBytes<Buffer>('GET', 'k')
    expect(bytes.equals(answer)).toBe(true)
    const text = 'ä'.repeat(25 * 1024 * 1024)
    await send('SET', 'k', text)
    // Not toBe(): it would print both.
    expect((await send<string>('GET', 'k')) === text).toBe(true)
  })

  test('come in order for a pipeline of 10,000', async () => {
    const answers = Array.from({ length: 10_000 }, (_, at) => send('ECHO', String(at)))
    const echoes = await Promise.all(answers)
    expect(echoes).toEqual(Array.from({ length: 10_000 }, (_, at) => String(at)))
  })

  test('come in order for 2,000 that do not fit into the socket', async () => {
    const payload = 'x'.repeat(20_000)
    const answers = Array.from({ length: 2_000 }, (_, at) => {
      return at % 2 === 0
        ? send('ECHO', `${at}${payload}`)
        : sendForBytes('ECHO', Buffer.from(`${at}`))
    })
    const echoes = (await Promise.all(answers)) as (string | Buffer)[]
    expect(echoes.map((echo) => Number.parseInt(String(echo), 10))).toEqual(
      answers.map((_, at) => at),
    )
  })
})

describe('a connection', () => {
  test('has its name, its library, its database', async () => {
    const connection = await open({ clientName: 'resp', database: 3 })
    const info = await connection.send<string>(['CLIENT', 'INFO'], false)
    expect(info).toMatch(/ name=resp .* db=3 .* resp=3/)
    const [major = 0, minor = 0] =
      /redis_version:([\d.]+)/
        .exec(await send<string>('INFO', 'server'))?.[1]
        ?.split('.')
        .map(Number) ?? []
    if (major > 7 || (major === 7 && minor >= 2)) expect(info).toContain('lib-name=dashi')
  })

  test('goes through TLS, with the certificate checked', async () => {
    const ca = readFileSync(join(folder, 'server.crt'))
    for (const host of ['127.0.0.1', 'localhost']) {
      const connection = await open({ host, port: tlsPort, tls: { ca } })
      const big = Buffer.alloc(5_000_000, 'y')
      const answers = [
        connection.send(['ECHO', big], true),
        connection.send(['ECHO', 'text'], false),
      ]
      expect(await Promise.all(answers)).toEqual([big, 'text'])
    }
    await expect(open({ port: tlsPort, tls: {} })).rejects.toMatchObject({
      code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    })
  })

  test('goes through a unix socket', async () => {
    const connection = await open({ path: unixPath, host: 'nowhere', port: 1 })
    expect(await connection.send(['ECHO', 'text'], false)).toBe('text')
  })

  test.each<[string, Partial<ConnectionTarget>, string]>([
    ['a wrong password', { username: 'eve', password: 'wrong' }, 'WRONGPASS'],
    ['a database that is not there', { database: 99 }, 'ERR'],
    ['a name with a blank', { clientName: 'a b' }, 'ERR'],
  ])('does not come about with %s', async (_, change, kind) => {
    await expect(open(change)).rejects.toMatchObject({ name: 'ReplyError', kind })
  })

  test('needs the password where there is one', async () => {
    await send('ACL', 'SETUSER', 'ada', 'on', '>secret', '+@all', '~*', '&*')
    const connection = await open({ username: 'ada', password: 'secret' })
    expect(await connection.send(['ACL', 'WHOAMI'], false)).toBe('ada')
    await send('CONFIG', 'SET', 'requirepass', 'master')
    try {
      await expect(open()).rejects.toMatchObject({ kind: 'NOAUTH' })
      const master = await open({ password: 'master' })
      expect(await master.send(['ACL', 'WHOAMI'], false)).toBe('default')
    } finally {
      await send('CONFIG', 'SET', 'requirepass', '')
    }
  })

  test('gives up on a server that does not answer', async () => {
    server.process.signal('SIGSTOP')
    try {
      await expect(open({ socketConnectTimeoutMs: 100 })).rejects.toThrow('within 100 ms')
      const reason = new Error('changed my mind')
      await expect(open({}, AbortSignal.abort(reason))).rejects.toBe(reason)
      const controller = new AbortController()
      const opening = open({}, controller.signal)
      controller.abort(reason)
      await expect(opening).rejects.toBe(reason)
    } finally {
      server.process.signal('SIGCONT')
    }
  })

  test('ends with its server, in the middle of an answer', async () => {
    await using doomed = await startRedis()
    const connection = await open({ port: doomed.port })
    await connection.send(['SET', 'k', Buffer.alloc(50 * 1024 * 1024)], false)
    const answers = Array.from({ length: 20 }, () => connection.send(['GET', 'k'], true))
    const settled = Promise.allSettled(answers)
    await answers[0]
    await doomed.process.kill()
    const results = await settled
    expect(results.at(-1)).toMatchObject({ reason: { name: 'LostError', wasSent: true } })
    expect(await connection.closed).toBeInstanceOf(Error)
    await expect(connection.send(['PING'], false)).rejects.toMatchObject({ wasSent: false })
  })

  test('ends on bytes that are no answer', async () => {
    await using proxy = await startTcpProxy({ port: server.port })
    const connection = await open({ port: proxy.port })
    proxy.inject(Buffer.from('\u0000\u0001garbage\r\n'))
    expect(await connection.closed).toMatchObject({ name: 'UnreadableReplyError' })
  })
})

describe('subscriptions', () => {
  const kinds = [
    ['subscribe', 'unsubscribe', 'news', 'PUBLISH'],
    ['psubscribe', 'punsubscribe', 'n?ws', 'PUBLISH'],
    ['ssubscribe', 'sunsubscribe', 'news', 'SPUBLISH'],
  ] as const

  test.each(kinds)('%s brings bytes until %s', async (begin, end, name, publish) => {
    const connection = await open()
    const heard: [string, string][] = []
    const listener = (payload: Buffer, channel: string) => {
      heard.push([payload.toString('latin1'), channel])
    }
    await connection.change({ verb: begin, name, listener })
    expect(await send(publish, 'news', Buffer.from([0xff]))).toBe(1)
    expect(await waitUntil(() => heard.length === 1)).toBe(true)
    expect(heard).toEqual([['\u00ff', 'news']])
    await connection.change({ verb: end, name, listener: undefined })
    expect(await send(publish, 'news', 'late')).toBe(0)
    expect(await connection.send(['ECHO', 'still there'], false)).toBe('still there')
  })

  test('a subscribe right behind an unsubscribe is not lost', async () => {
    const connection = await open()
    const heard: string[] = []
    const listener = (payload: Buffer) => heard.push(String(payload))
    const subscribe = { verb: 'subscribe', name: 'news', listener } as const
    const unsubscribe = { verb: 'unsubscribe', name: 'news', listener: undefined } as const
    for (let round = 0; round < 50; round += 1) {
      await Promise.all([
        connection.change(subscribe),
        connection.change(unsubscribe),
        connection.change(subscribe),
      ])
      expect(await send('PUBLISH', 'news', String(round))).toBe(1)
      await connection.send(['PING'], false)
    }
    expect(heard).toEqual(Array.from({ length: 50 }, (_, round) => String(round)))
  })

  test('that are refused reject', async () => {
    await send('ACL', 'SETUSER', 'deaf', 'on', '>x', '+@all', '~*', 'resetchannels')
    const connection = await open({ username: 'deaf', password: 'x' })
    const change = { verb: 'subscribe', name: 'news', listener: () => undefined } as const
    await expect(connection.change(change)).rejects.toMatchObject({ kind: 'NOPERM' })
    expect(await connection.send(['ECHO', 'still there'], false)).toBe('still there')
  })
})

test('changed keys are told, in order with the answers', async () => {
  const connection = await open({ tracking: true })
  const changed: (string | undefined)[] = []
  connection.onInvalidated((key) => changed.push(key))
  await connection.send(['GET', 'schlüssel'], false)
  await send('SET', 'schlüssel', '1')
  await connection.send(['PING'], false)
  expect(changed).toEqual(['schlüssel'])
  await send('FLUSHALL')
  await connection.send(['PING'], false)
  expect(changed).toEqual(['schlüssel', undefined])
})
