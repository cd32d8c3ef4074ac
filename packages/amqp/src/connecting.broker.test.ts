/** Ways to a broker, and what a broker can do to a connection: with a node of our own. */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { Connection, Queue } from '@dashi/messaging'
import {
  ConnectionError,
  type MessagingError,
  type OutgoingMessage,
  type TransportConnection,
} from '@dashi/messaging/transport'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RabbitmqServer, startRabbitmq } from '../../../tools/brokers/rabbitmq.ts'
import { temporaryFolder } from '../../../tools/services/server-process.ts'
import { amqp } from './amqp.ts'
import { Management } from './management/management.ts'
import type { AmqpOptions } from './options.ts'

const folder = temporaryFolder('amqp-tls')
const file = (name: string) => join(folder, name)
let server: RabbitmqServer
let management: Management

function openssl(...args: readonly string[]): void {
  execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
}

/** A certificate of the authority for a name. */
function certify(name: string, subject: string, extension: string): void {
  const key = ['-nodes', '-newkey', 'rsa:2048', '-keyout', `${name}.key`]
  openssl('req', ...key, '-out', `${name}.csr`, '-subj', `/CN=${subject}`, '-addext', extension)
  const by = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-days', '2', '-copy_extensions', 'copy']
  openssl('x509', '-req', '-in', `${name}.csr`, '-out', `${name}.crt`, ...by)
}

beforeAll(async () => {
  const authority = ['-nodes', '-days', '2', '-newkey', 'rsa:2048', '-keyout', 'ca.key']
  openssl('req', '-x509', ...authority, '-out', 'ca.crt', '-subj', '/CN=test authority')
  certify('server', 'localhost', 'subjectAltName=DNS:localhost')
  certify('client', 'carol', 'extendedKeyUsage=clientAuth')
  server = await startRabbitmq({
    tls: { caFile: file('ca.crt'), certFile: file('server.crt'), keyFile: file('server.key') },
    plugins: ['rabbitmq_auth_mechanism_ssl'],
    settings: [
      'auth_mechanisms.1 = PLAIN',
      'auth_mechanisms.2 = AMQPLAIN',
      'auth_mechanisms.3 = EXTERNAL',
      'ssl_cert_login_from = common_name',
      'ssl_options.verify = verify_peer',
    ],
  })
  management = new Management({ url: server.managementUrl })
  await management.users.put('carol', {})
  await management.permissions.set('carol')
  await management.users.put('restricted', { password: 'pw' })
  await management.permissions.set('restricted', { configure: '^mine', write: '^mine', read: '' })
}, 120_000)

afterAll(async () => {
  await server[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

async function connect(
  options: AmqpOptions = {},
  report?: (notice: MessagingError) => void,
): Promise<TransportConnection> {
  const place = { host: '127.0.0.1', port: Number(new URL(server.url).port) }
  return await amqp({ ...place, ...options }).connect({
    publishTimeoutMs: 1_000,
    signal: AbortSignal.timeout(5_000),
    report,
  })
}

const tlsPlace = () => ({ host: 'localhost', port: Number(new URL(server.tlsUrl ?? '').port) })

function message(routingKey: string): OutgoingMessage {
  return {
    exchange: '',
    routingKey,
    contentType: 'text/plain',
    contentEncoding: 'utf-8',
    headers: {},
    properties: {},
    body: 'x',
    mandatory: false,
  }
}

describe('TLS', () => {
  test('checks the authority and the name', async () => {
    const connection = await connect({ ...tlsPlace(), ssl: { caCerts: file('ca.crt') } })
    await (await connection.openChannel({})).publish(message('nowhere'))
    await connection.close({})
  })

  test.each([
    ['an unknown authority', {}, /self-signed certificate|unable to verify/],
    [
      'another name',
      { serverHostname: 'other.example', caCerts: file('ca.crt') },
      /other\.example/,
    ],
  ])('%s is refused', async (_, ssl, reason) => {
    const connecting = connect({ ...tlsPlace(), ssl })
    await expect(connecting).rejects.toMatchObject({ code: 'CONNECTION_REFUSED' })
    await expect(connecting).rejects.toThrow(reason)
  })

  test('checks nothing where that is asked for', async () => {
    await (await connect({ ...tlsPlace(), ssl: { certReqs: 'none' } })).close({})
    const unnamed = { caCerts: file('ca.crt'), checkHostname: false }
    await (await connect({ ...tlsPlace(), host: '127.0.0.1', ssl: unnamed })).close({})
  })

  test('a file that cannot be read is an option that is wrong', async () => {
    const connecting = connect({ ...tlsPlace(), ssl: { caCerts: file('none.crt') } })
    await expect(connecting).rejects.toMatchObject({ code: 'BAD_OPTION' })
  })

  test('is spoken through a URL', async () => {
    const url = `${server.tlsUrl}?ssl_ca_certs=${encodeURIComponent(file('ca.crt'))}`
    await using connection = new Connection(url)
    const queue = new Queue(`tls.${crypto.randomUUID()}`, { exclusive: true })
    await connection.producer().publish('over TLS', { routingKey: queue.name, declare: [queue] })
    expect((await connection.defaultChannel.get(queue.name))?.payload).toBe('over TLS')
  })
})

describe('SASL', () => {
  test('AMQPLAIN', async () => {
    await (await connect({ loginMethod: 'AMQPLAIN' })).close({})
  })

  test('EXTERNAL takes the name from the certificate', async () => {
    const ssl = {
      caCerts: file('ca.crt'),
      certfile: file('client.crt'),
      keyfile: file('client.key'),
    }
    const connection = await connect({ ...tlsPlace(), ssl, loginMethod: 'EXTERNAL' })
    const channel = await connection.openChannel({})
    const properties = { userId: 'carol' }
    await channel.publish({ ...message('nowhere'), properties })
    await connection.close({})
  })

  test.each(['PLAIN', 'AMQPLAIN'] as const)('%s: a wrong password', async (loginMethod) => {
    const connecting = connect({ loginMethod, password: 'secret-and-wrong' })
    await expect(connecting).rejects.toMatchObject({
      code: 'ACCESS_REFUSED',
      name: ConnectionError.name,
    })
    await expect(connecting).rejects.not.toThrow('secret-and-wrong')
  })
})

describe('refusals name what was refused', () => {
  test('a virtual host', async () => {
    const connecting = connect({ virtualHost: 'no/where' })
    await expect(connecting).rejects.toMatchObject({ code: 'ACCESS_REFUSED' })
    await expect(connecting).rejects.toThrow('virtual host "no/where"')
  })

  test('a virtual host with odd characters is found', async () => {
    await management.virtualHosts.create('odd/%2f #?')
    await management.permissions.set('guest')
    const odd = new Management({ url: server.managementUrl, virtualHost: 'odd/%2f #?' })
    await odd.permissions.set('guest')
    await (await connect({ virtualHost: 'odd/%2f #?' })).close({})
  })

  test('a queue that the user may not use, and an exchange that it may not publish to', async () => {
    const connection = await connect({ userid: 'restricted', password: 'pw' })
    const channel = await connection.openChannel({})
    const flags = { durable: false, exclusive: true, autoDelete: true, passive: false }
    const refused = channel.declareQueue({ name: 'theirs', ...flags, arguments: {} }, {})
    await expect(refused).rejects.toMatchObject({ code: 'ACCESS_REFUSED' })
    await channel.declareQueue({ name: 'mine', ...flags, arguments: {} }, {})
    const publishing = channel.publish({ ...message('k'), exchange: 'amq.topic' })
    await expect(publishing).rejects.toMatchObject({ code: 'ACCESS_REFUSED', name: 'PublishError' })
    await connection.close({})
  })

  test('something that speaks no AMQP, or nothing at all', async () => {
    for (const greeting of ['HTTP/1.1 400 Bad Request\r\n\r\n', 'AMQP\x00\x00\x09\x01', '']) {
      const other = createServer((socket) => {
        socket.on('error', () => undefined)
        if (greeting) socket.end(greeting)
      }).listen(0, '127.0.0.1')
      await once(other, 'listening')
      const address = other.address()
      const port = typeof address === 'object' ? address?.port : undefined
      const signal = AbortSignal.timeout(300)
      const connecting = amqp({ host: '127.0.0.1', port }).connect({ publishTimeoutMs: 1, signal })
      if (greeting) await expect(connecting).rejects.toMatchObject({ code: 'CONNECTION_REFUSED' })
      else await expect(connecting).rejects.toHaveProperty('name', 'TimeoutError')
      other.close()
    }
  })
})

test('a broker that takes no messages: those written are unknown, those waiting were refused', async () => {
  const notices: MessagingError[] = []
  const connection = await connect({}, (notice) => notices.push(notice))
  const channel = await connection.openChannel({})
  await channel.publish(message('nowhere'))
  await server.control('eval', 'rabbit_alarm:set_alarm({{resource_limit,memory,node()},[]}).')
  const written = await channel.publish(message('nowhere')).catch((error: MessagingError) => error)
  expect(written).toMatchObject({ code: 'OUTCOME_UNKNOWN' })
  expect(notices[0]?.message).toContain('low on memory')
  const waiting = await channel.publish(message('nowhere')).catch((error: MessagingError) => error)
  expect(waiting).toMatchObject({ code: 'REFUSED', name: 'PublishError' })
  // Consuming goes on meanwhile.
  const flags = { durable: false, exclusive: true, autoDelete: true, passive: false }
  await channel.declareQueue({ name: '', ...flags, arguments: {} }, {})

  await server.control('eval', 'rabbit_alarm:clear_alarm({resource_limit,memory,node()}).')
  for (;;) {
    const outcome = await channel.publish(message('nowhere')).catch(() => 'not yet')
    if (outcome === undefined) break
  }
  expect(notices.at(-1)?.message).toContain('takes messages again')
  await connection.close({})
})

test('an operator who closes the connection is told of in its end', async () => {
  const connection = await connect({ connectionName: 'victim' })
  await server.control('close_all_connections', 'maintenance at noon')
  const error = await connection.closed
  expect(error).toMatchObject({ code: 'CONNECTION_LOST' })
  expect(error?.message).toContain('maintenance at noon')
})

test('heartbeats keep an idle producer, and find a broker that hangs', async () => {
  const connection = await connect({ heartbeatMs: 1_000 })
  const channel = await connection.openChannel({})
  await channel.publish(message('nowhere'))
  const idle = Promise.withResolvers<void>()
  setTimeout(idle.resolve, 3_500)
  expect(await Promise.race([idle.promise, connection.closed])).toBeUndefined()
  await channel.publish(message('nowhere'))
  server.process.signal('SIGSTOP')
  try {
    expect(await connection.closed).toMatchObject({ code: 'CONNECTION_LOST' })
  } finally {
    server.process.signal('SIGCONT')
  }
})

test('readTimeoutMs finds it sooner', async () => {
  const connection = await connect({ readTimeoutMs: 400, heartbeatMs: 60_000 })
  server.process.signal('SIGSTOP')
  try {
    const error = await connection.closed
    expect(error).toMatchObject({ code: 'CONNECTION_LOST' })
    expect(error?.message).toContain('readTimeoutMs')
  } finally {
    server.process.signal('SIGCONT')
  }
})

test('an attempt that is aborted leaves no socket behind', async () => {
  const reason = new Error('changed my mind')
  const other = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1')
  const accepted = once(other, 'connection')
  await once(other, 'listening')
  const address = other.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const abort = new AbortController()
  const transport = amqp({ host: '127.0.0.1', port })
  const connecting = transport.connect({ publishTimeoutMs: 1, signal: abort.signal })
  const [socket] = await accepted
  const gone = once(socket, 'close')
  abort.abort(reason)
  await expect(connecting).rejects.toBe(reason)
  socket.resume()
  await gone
  other.close()
})
