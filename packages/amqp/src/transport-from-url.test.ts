import { ConfigurationError, parseBrokerUrl, type Transport } from '@dashi/messaging/transport'
import { expect, test } from 'vitest'
import { amqp } from './amqp.ts'
import { transportFromUrl } from './transport-from-url.ts'

const of = (url: string, options: Readonly<Record<string, unknown>> = {}): Transport =>
  transportFromUrl(parseBrokerUrl(url), options)

test.each([
  ['amqp://', { hostname: 'localhost', port: 5672, userid: 'guest', virtualHost: '/' }],
  ['pyamqp://u:p@h:5673/v', { hostname: 'h', port: 5673, userid: 'u', password: 'p' }],
  ['amqp://h/%2fvh', { virtualHost: '/vh' }],
  ['amqp://h//', { virtualHost: '/' }],
  ['amqp://[::1]:5672//', { hostname: '::1' }],
  ['amqps://h', { scheme: 'amqps', port: 5671 }],
  ['amqp://h?ssl_cert_reqs=none', { scheme: 'amqps', port: 5671 }],
])('%s', (url, address) => {
  expect(of(url).address).toMatchObject(address)
})

test('the query holds options, and the URL wins over them', () => {
  expect(of('amqp://h?heartbeat=2.5&login_method=AMQPLAIN&frame_max=8192').name).toBe('amqp')
  expect(of('amqp://h:1', { port: 2, host: 'other' }).address).toMatchObject({
    hostname: 'h',
    port: 1,
  })
})

test.each([
  ['a misspelt option', () => of('amqp://h?heartbeats=1'), 'Did you mean "heartbeatMs"'],
  ['a heartbeat that is no number', () => of('amqp://h?heartbeat=soon'), 'number of seconds'],
  ['a TLS key that does not exist', () => of('amqp://h?ssl_nothing=1'), 'ssl_nothing'],
  ['EXTERNAL without TLS', () => amqp({ loginMethod: 'EXTERNAL' }), 'needs TLS'],
  ['a frame below the minimum', () => amqp({ frameMax: 100 }), 'at least 4096'],
  ['an unknown option', () => amqp({ vhost: '/' } as object), 'Unknown option "vhost"'],
  ['an unknown option of TLS', () => amqp({ ssl: { ca: '' } as object }), 'Unknown option "ca"'],
])('%s is refused', (_, make, words) => {
  expect(make).toThrow(ConfigurationError)
  expect(make).toThrow(words)
})

test('a password is never printed', () => {
  const url = 'amqp://user:secret-word@h?frame_max=wrong'
  expect(() => of(url)).toThrow(ConfigurationError)
  expect(() => of(url)).not.toThrow('secret-word')
})
