import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { ChannelError, ConnectionError, TimeoutError } from '@dashi/messaging/transport'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type SharedRabbitmq, sharedRabbitmq } from '../../../../tools/brokers/rabbitmq.ts'
import { amqp } from '../amqp.ts'
import { Management } from './management.ts'

let server: SharedRabbitmq
let management: Management
const virtualHost = `management/${randomUUID()}`

beforeAll(async () => {
  server = await sharedRabbitmq()
  management = new Management({ url: server.managementUrl, virtualHost })
  await management.virtualHosts.create(virtualHost)
}, 60_000)

afterAll(async () => {
  await management.virtualHosts.delete(virtualHost)
  expect(await management.virtualHosts.list()).not.toContain(virtualHost)
  await server[Symbol.asyncDispose]()
})

test('tells the version', async () => {
  expect(await management.version()).toMatch(/^\d+\.\d+\.\d+/)
  expect(await management.virtualHosts.list()).toContain(virtualHost)
})

test('exchanges: declared, read, deleted', async () => {
  const { exchanges } = management
  await exchanges.declare('e 1/ü', { type: 'topic', arguments: { 'alternate-exchange': 'other' } })
  expect(await exchanges.get('e 1/ü')).toEqual({
    name: 'e 1/ü',
    type: 'topic',
    durable: true,
    autoDelete: false,
    internal: false,
    arguments: { 'alternate-exchange': 'other' },
  })
  expect((await exchanges.list()).map(({ name }) => name)).toContain('amq.direct')
  const other = exchanges.declare('e 1/ü', { type: 'fanout' })
  await expect(other).rejects.toMatchObject({ code: 'PRECONDITION_FAILED' })
  await exchanges.delete('e 1/ü', { ifUnused: true })
  await expect(exchanges.get('e 1/ü')).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

test('queues and bindings: declared, bound, unbound, purged, deleted', async () => {
  const { queues, bindings, exchanges } = management
  await queues.declare('q', { arguments: { 'x-message-ttl': 60_000 } })
  expect(await queues.get('q')).toMatchObject({
    name: 'q',
    type: 'classic',
    durable: true,
    arguments: { 'x-message-ttl': 60_000 },
  })
  expect((await queues.list()).map(({ name }) => name)).toEqual(['q'])
  await exchanges.declare('target', { type: 'fanout' })
  await bindings.bind({ exchange: 'amq.topic', destination: 'q', routingKey: 'a.#' })
  const link = { exchange: 'amq.topic', destination: 'target', arguments: { n: 1 } }
  await bindings.bind({ ...link, destinationType: 'exchange' })
  const [binding, ...others] = (await bindings.ofQueue('q')).filter(
    ({ exchange }) => exchange !== '',
  )
  expect(others).toEqual([])
  expect(binding).toMatchObject({ exchange: 'amq.topic', routingKey: 'a.#' })
  expect((await bindings.ofExchange('amq.topic')).length).toBe(2)
  expect(await bindings.list()).toContainEqual(expect.objectContaining(link))
  if (binding) await bindings.unbind(binding)
  expect((await bindings.ofExchange('amq.topic')).map((one) => one.destination)).toEqual(['target'])
  await queues.purge('q')
  await queues.delete('q', { ifEmpty: true, ifUnused: true })
  await expect(queues.purge('q')).rejects.toBeInstanceOf(ChannelError)
})

test('users and permissions', async () => {
  const { users, permissions } = management
  const name = `user-${randomUUID()}`
  await users.put(name, { password: 'pw', tags: ['monitoring', 'management'] })
  const listed = (await users.list()).find((user) => user.name === name)
  expect(listed?.tags.toSorted()).toEqual(['management', 'monitoring'])
  await permissions.set(name, { write: '^mine$' })
  expect((await permissions.list()).filter(({ user }) => user === name)).toEqual([
    { user: name, virtualHost, configure: '.*', write: '^mine$', read: '.*' },
  ])
  await permissions.clear(name)
  expect((await permissions.list()).some(({ user }) => user === name)).toBe(false)
  await users.delete(name)
})

test('policies', async () => {
  const { policies } = management
  await policies.put('limit', { pattern: '^q', definition: { 'max-length': 5 }, applyTo: 'queues' })
  expect(await policies.list()).toEqual([
    {
      name: 'limit',
      pattern: '^q',
      definition: { 'max-length': 5 },
      priority: 0,
      applyTo: 'queues',
    },
  ])
  const bad = policies.put('bad', { pattern: '^q', definition: { 'no-such': 5 } })
  await expect(bad).rejects.toMatchObject({ code: 'PRECONDITION_FAILED' })
  await policies.delete('limit')
})

test('connections are seen, and closed with a reason', async () => {
  const connectionName = `seen-${randomUUID()}`
  const place = { host: '127.0.0.1', port: Number(new URL(server.url).port) }
  const transport = amqp({ ...place, connectionName })
  const connection = await transport.connect({ publishTimeoutMs: 1_000 })
  const find = async () =>
    (await management.connections.list()).find((one) =>
      one.connectionName.startsWith(connectionName),
    )
  let found = await find()
  while (found === undefined) found = await find()
  expect(found).toMatchObject({ user: 'guest', connectionName: `${connectionName} consume` })
  await management.connections.close(found.name, { reason: 'enough' })
  expect((await connection.closed)?.message).toContain('enough')
}, 20_000)

test('a wrong password, a wrong port and silence are errors of their own', async () => {
  const wrong = new Management({ url: server.managementUrl, userid: 'guest', password: 'wrong' })
  await expect(wrong.version()).rejects.toMatchObject({ code: 'ACCESS_REFUSED' })
  const nobody = new Management({ url: 'http://127.0.0.1:1' })
  await expect(nobody.version()).rejects.toBeInstanceOf(ConnectionError)
  const silent = createServer((socket) => socket.on('error', () => undefined))
  silent.listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const address = silent.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const late = new Management({ url: `http://127.0.0.1:${port}`, timeoutMs: 100 })
  await expect(late.version()).rejects.toBeInstanceOf(TimeoutError)
  const signal = AbortSignal.abort(new Error('never mind'))
  await expect(late.version({ signal })).rejects.toThrow('never mind')
  silent.close()
  expect(() => new Management({ url: 'amqp://localhost' })).toThrow('http or https')
})
