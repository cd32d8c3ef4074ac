import { parseBrokerUrl } from '@dashi/messaging/transport'
import { describe, expect, test } from 'vitest'
import { transportFromUrl } from './transport-from-url.ts'

const addressOf = (url: string, options: Record<string, unknown> = {}) =>
  transportFromUrl(parseBrokerUrl(url), options).address

const nothing = { userid: undefined, password: undefined, virtualHost: '0' }

describe('transportFromUrl()', () => {
  test.each([
    ['redis://', { scheme: 'redis', hostname: 'localhost', port: 6379 }],
    ['redis://h:1234/', { scheme: 'redis', hostname: 'h', port: 1234 }],
    ['redis://h//', { scheme: 'redis', hostname: 'h', port: 6379 }],
    ['redis://h/15', { scheme: 'redis', hostname: 'h', port: 6379, virtualHost: '15' }],
    [
      'redis://u:p%40@h',
      { scheme: 'redis', hostname: 'h', port: 6379, userid: 'u', password: 'p@' },
    ],
    ['redis://:p@h', { scheme: 'redis', hostname: 'h', port: 6379, password: 'p' }],
    ['rediss://h', { scheme: 'rediss', hostname: 'h', port: 6379 }],
    [
      'redis+socket:///tmp/r.sock',
      { scheme: 'redis+socket', hostname: '/tmp/r.sock', port: undefined },
    ],
    [
      'redis+socket:///r.sock?virtual_host=3',
      { scheme: 'redis+socket', hostname: '/r.sock', port: undefined, virtualHost: '3' },
    ],
    [
      'sentinel://h1:1,h2/2?master_name=m',
      { scheme: 'sentinel', hostname: 'h1', port: 1, virtualHost: '2' },
    ],
  ])('reads %s', (url, expected) => {
    expect(addressOf(url)).toEqual({ ...nothing, ...expected })
  })

  test('the URL wins over options, and options fill its gaps', () => {
    const options = { host: 'other', port: 1, database: 5, password: 'secret' }
    expect(addressOf('redis://h', options)).toMatchObject({
      hostname: 'h',
      port: 1,
      virtualHost: '5',
      password: 'secret',
    })
    expect(addressOf('redis://h:2/7', options)).toMatchObject({ port: 2, virtualHost: '7' })
  })

  test.each([
    ['redis://h/name', /number of a Redis database, not "name"/],
    ['redis://h?visibility_timeot_ms=1', /Did you mean "visibilityTimeoutMs"/],
    ['redis://h?lease_ms=5', /"leaseMs" of the URL redis:.* has to be at least 1000/],
    ['redis://u:hunter2@h?fanout_patterns=maybe', /fanoutPatterns/],
    ['rediss://h?ssl_cert=x', /Unknown key "ssl_cert"/],
    ['sentinel://h', /"masterName" of the Redis transport is missing/],
    ['redis+unix://h', /schemes are redis, rediss, redis\+socket and sentinel/],
  ])('refuses %s', (url, message) => {
    expect(() => addressOf(url)).toThrow(message)
    expect(() => addressOf(url)).not.toThrow(/hunter2/)
  })

  test.each([
    [{ prioritySteps: [0, 10] }, /whole numbers from 0 to 9/],
    [{ prioritySteps: 'x' }, /has to be an array/],
    [{ fanoutPrefix: 'x' }, /begin with "\/" and end with "\."/],
    [{ sentinels: [{ host: '' }], masterName: 'm' }, /"host" of option "sentinels"/],
    [{ ssl: { certReqs: 'maybe' } }, /"certReqs" of option "ssl" of the Redis transport/],
    [{ visibilityTimout: 3600 }, /Did you mean "visibilityTimeout"/],
  ])('refuses the options %j', (options, message) => {
    expect(() => addressOf('redis://h', options)).toThrow(message)
  })
})
