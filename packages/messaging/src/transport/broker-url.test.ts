import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ConfigurationError } from '../errors.ts'
import { type BrokerUrl, formatBrokerUrl, parseBrokerUrl, splitBrokerUrls } from './broker-url.ts'

/** The parts that are there, in Kombu's words. */
function parts(url: string): Record<string, unknown> {
  const { query, ssl, ...rest } = parseBrokerUrl(url)
  const present = Object.entries(rest).filter(([, value]) => value !== undefined)
  return { ...Object.fromEntries(present), ...query, ...(ssl === undefined ? {} : { ssl }) }
}

function refusal(url: string): unknown {
  try {
    parseBrokerUrl(url)
  } catch (error) {
    return error
  }
  return undefined
}

describe('parseBrokerUrl()', () => {
  // What kombu.utils.url.parse_url() 5.6.2 answers.
  test.each<[string, Record<string, unknown>]>([
    ['amqp://', { scheme: 'amqp' }],
    ['AMQP://Host.Example', { scheme: 'amqp', hostname: 'host.example' }],
    ['amqp://h/', { scheme: 'amqp', hostname: 'h' }],
    ['amqp://h//', { scheme: 'amqp', hostname: 'h', virtualHost: '/' }],
    ['amqp://h/%2fvh', { scheme: 'amqp', hostname: 'h', virtualHost: '/vh' }],
    ['amqp://h/vh', { scheme: 'amqp', hostname: 'h', virtualHost: 'vh' }],
    ['amqp://h//a/b', { scheme: 'amqp', hostname: 'h', virtualHost: '/a/b' }],
    ['redis://:pw@h:6379/0', { hostname: 'h', port: 6379, password: 'pw', virtualHost: '0' }],
    ['amqp://h:65535', { hostname: 'h', port: 65_535 }],
    ['amqp://h:1', { hostname: 'h', port: 1 }],
    ['amqp://u@h', { hostname: 'h', userid: 'u' }],
    ['amqp://:@h:', { hostname: 'h' }],
    ['amqp://U%40:p%2f@h', { userid: 'U@', password: 'p/', hostname: 'h' }],
    ['amqp://u:p@q@h', { userid: 'u', password: 'p@q', hostname: 'h' }],
    ['amqp://u:p:q@h', { userid: 'u', password: 'p:q', hostname: 'h' }],
    ['amqp://é:ü@h', { userid: 'é', password: 'ü', hostname: 'h' }],
    ['amqp://u:%2@h', { userid: 'u', password: '%2', hostname: 'h' }],
    ['amqp://u:%ff@h', { userid: 'u', password: '\ufffd', hostname: 'h' }],
    ['pyamqp://[::1]:5672//', { hostname: '::1', port: 5672, virtualHost: '/' }],
    ['amqp://[FE80::1%25Eth0]/', { hostname: 'fe80::1%Eth0' }],
    ['amqp://%41H', { hostname: 'AH' }],
    ['amqp://h,h2/v', { hostname: 'h,h2', virtualHost: 'v' }],
    ['amqp://h,h2:5672', { hostname: 'h,h2', port: 5672 }],
    ['amqp://h?a=1&a=2&b=&c', { hostname: 'h', a: '2' }],
    ['amqp://h/+a?x=a+b%20c&y==', { hostname: 'h', virtualHost: '+a', x: 'a b c', y: '=' }],
    ['amqp://h/a?b=1#c', { hostname: 'h', virtualHost: 'a', b: '1' }],
    [
      'redis://h?ssl_check_hostname=False&ssl_cert_reqs=CERT_OPTIONAL&ssl_ca_certs=/x&y=1',
      {
        hostname: 'h',
        y: '1',
        ssl: { ssl_check_hostname: false, ssl_cert_reqs: 'optional', ssl_ca_certs: '/x' },
      },
    ],
    [
      'redis://h?ssl_check_hostname=0&ssl_cert_reqs=none',
      { hostname: 'h', ssl: { ssl_check_hostname: true, ssl_cert_reqs: 'none' } },
    ],
    [
      'sqla+postgresql://u:p@h/db',
      {
        scheme: 'sqla+postgresql',
        rest: 'postgresql://u:p@h/db',
        userid: 'u',
        password: 'p',
        hostname: 'h',
        virtualHost: 'db',
      },
    ],
    ['sqla+sqlite:///x.db', { rest: 'sqlite:///x.db', virtualHost: 'x.db' }],
  ])('reads %s as Kombu does', (url, expected) => {
    expect(parts(url)).toEqual({ scheme: url.split(':')[0]?.toLowerCase(), ...expected })
  })

  test('keeps what follows the first + verbatim', () => {
    const url = parseBrokerUrl('redis+socket:///Path/s.sock?virtual_host=3')
    expect(url.rest).toBe('socket:///Path/s.sock?virtual_host=3')
    expect(url.query).toEqual({ virtual_host: '3' })
    expect(parseBrokerUrl('mongodb+srv+x://h').rest).toBe('srv+x://h')
  })

  test('leaves a list of hosts with ports to the transport', () => {
    expect(parts('kafka://u:p@A:9092,b:9093/t')).toEqual({
      scheme: 'kafka',
      userid: 'u',
      password: 'p',
      hostname: 'a:9092,b:9093',
      virtualHost: 't',
    })
  })

  test('takes a text without scheme for a host', () => {
    expect(parts('localhost')).toEqual({ scheme: 'amqp', hostname: 'localhost' })
    expect(parseBrokerUrl('h:6380/2', 'redis')).toMatchObject({
      scheme: 'redis',
      hostname: 'h',
      port: 6380,
      virtualHost: '2',
    })
  })

  test('ignores white space around it', () => {
    expect(parts(' redis://h\n')).toEqual({ scheme: 'redis', hostname: 'h' })
  })

  test('gives a frozen value', () => {
    const url = parseBrokerUrl('redis://h?a=1&ssl_x=1')
    expect(Object.isFrozen(url) && Object.isFrozen(url.query) && Object.isFrozen(url.ssl)).toBe(
      true,
    )
  })

  test.each([
    ['', /is empty/],
    ['   ', /is empty/],
    ['amqp://h:0', /port is not in 1–65535/],
    ['amqp://h:65536', /port is not in 1–65535/],
    ['amqp://u:secret@h:x', /"amqp:\/\/u:\*\*@h:x": its host and port cannot be read/],
    ['amqp://fe80::1', /IPv6 address needs brackets/],
    ['amqp://[::1', /cannot be read/],
    ['a_b://h', /"a_b:\/\/h": it does not begin with a scheme/],
    ['redis://h?ssl_cert_reqs=maybe', /ssl_cert_reqs has to be required, optional or none/],
    ['redis://u:secret@a;redis://u:secret@b', /";" separates alternatives/],
    ['redis://u:secret#1@h', /percent-encoded/],
    ['redis://u:secret/1@h', /percent-encoded/],
    ['u:secret@h:x', /u:\*\*@h:x/],
    ['redis://h:x?password=secret', /password=\*\*/],
  ])('refuses %j', (url, message) => {
    const error = refusal(url)
    expect(error).toBeInstanceOf(ConfigurationError)
    expect(error).toMatchObject({ code: 'BAD_OPTION', message: expect.stringMatching(message) })
    expect(String(error)).not.toContain('secret')
  })

  test('never quotes the password, whatever the text', () => {
    const password = fc.string({ unit: 'grapheme', minLength: 1 }).map((text) => `s3cret${text}`)
    const tail = fc.string({ unit: fc.constantFrom('a', ':', '/', '?', '#', '[', ']', '1', ' ') })
    fc.assert(
      fc.property(password, tail, (raw, end) => {
        expect(String(refusal(`redis://u:${raw}@${end}`))).not.toContain('s3cret')
      }),
    )
  })
})

const text = fc.string({ unit: 'grapheme' })
const optional = text.map((value) => (value === '' ? undefined : value))
// Host names come back lower-cased.
const lowerCase = optional.map((host) => host?.toLowerCase())
const brokerUrl: fc.Arbitrary<BrokerUrl> = fc.record({
  scheme: fc.stringMatching(/^[a-z][a-z0-9.-]{0,9}$/),
  rest: fc.constant(undefined),
  hostname: fc.oneof(lowerCase, fc.ipV6(), fc.constantFrom('h', 'a,b', 'a:1,b:2')),
  port: fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined }),
  userid: optional,
  password: optional,
  virtualHost: optional,
  query: fc.dictionary(
    text.filter((key) => !key.startsWith('ssl_')),
    text.filter((value) => value !== ''),
    { noNullPrototype: true },
  ),
  ssl: fc.option(
    fc.record({ ssl_ca_certs: fc.constant('/x y'), ssl_check_hostname: fc.boolean() }),
    { nil: undefined },
  ),
})

describe('formatBrokerUrl()', () => {
  test('writes what parseBrokerUrl() reads', () => {
    fc.assert(
      fc.property(brokerUrl, (url) => {
        expect(parseBrokerUrl(formatBrokerUrl(url, { includePassword: true }))).toEqual(url)
      }),
    )
  })

  test('shows everything but the password', () => {
    fc.assert(
      fc.property(brokerUrl, (url) => {
        const shown = parseBrokerUrl(formatBrokerUrl({ ...url, query: {} }))
        const password = url.password === undefined ? undefined : '**'
        expect(shown).toEqual({ ...url, password, query: {} })
      }),
    )
  })

  // What kombu.utils.url.as_url() 5.6.2 answers, but for the virtual host, which as_uri() encodes.
  test.each([
    [{ userid: 'guest', password: 'pw', hostname: 'h', port: 5672 }, 'amqp://guest:**@h:5672/'],
    [{ hostname: 'h', virtualHost: '/' }, 'amqp://h//'],
    [{ hostname: 'h', virtualHost: 'a/b c' }, 'amqp://h/a/b%20c'],
    [{ password: 'pw', hostname: 'h' }, 'amqp://:**@h/'],
    [{ userid: 'u', hostname: 'h' }, 'amqp://u@h/'],
    [{ userid: "a!'()*/@", hostname: '::1' }, 'amqp://a%21%27%28%29%2A%2F%40@%3A%3A1/'],
    [{}, 'amqp:///'],
  ])('writes %j as Kombu does', (given, expected) => {
    expect(formatBrokerUrl({ scheme: 'amqp', ...given })).toBe(expected)
  })

  test('takes another mask, or none', () => {
    const url = { scheme: 'redis', password: 'pw', hostname: 'h' }
    expect(formatBrokerUrl(url, { mask: '***' })).toBe('redis://:***@h/')
    expect(formatBrokerUrl(url, { mask: '' })).toBe('redis://:@h/')
    expect(formatBrokerUrl({ ...url, password: undefined }, { mask: 'x' })).toBe('redis://h/')
  })

  test('masks what stands verbatim behind a +', () => {
    const url = parseBrokerUrl('sqla+postgresql://u:pw@h/db?x=1')
    expect(formatBrokerUrl(url)).toBe('sqla+postgresql://u:**@h/db?x=1')
    expect(formatBrokerUrl(url, { includePassword: true })).toBe('sqla+postgresql://u:pw@h/db?x=1')
  })

  test('masks secrets in the query', () => {
    const url = parseBrokerUrl('redis://h?ssl_keyfile_password=pw&ssl_keyfile=/k&db=1')
    expect(formatBrokerUrl(url)).toBe('redis://h/?db=1&ssl_keyfile_password=**&ssl_keyfile=%2Fk')
  })
})

describe('splitBrokerUrls()', () => {
  test.each<[string | readonly string[], readonly string[]]>([
    ['amqp://u:p@a:1111/v;amqp://b', ['amqp://u:p@a:1111/v', 'amqp://b']],
    ['amqp://a;b;redis://c;d:1', ['amqp://a', 'amqp://b', 'redis://c', 'redis://d:1']],
    ['a;b', ['amqp://a', 'amqp://b']],
    [
      ['redis://a', 'b;c'],
      ['redis://a', 'redis://b', 'redis://c'],
    ],
    [' redis://a ;; redis://b; ', ['redis://a', 'redis://b']],
  ])('splits %j', (urls, expected) => {
    expect(splitBrokerUrls(urls)).toEqual(expected)
  })

  test('gives an alternative nothing but the scheme of the one before it', () => {
    const [, second = ''] = splitBrokerUrls('amqp://u:p@a:1111/v;b')
    expect(parts(second)).toEqual({ scheme: 'amqp', hostname: 'b' })
  })

  test.each([[''], [' ; '], [[]], [['']]])('refuses %j', (urls) => {
    expect(() => splitBrokerUrls(urls)).toThrow(/is empty/)
  })
})
