import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { maskBrokerUrl } from './mask-url.ts'

describe('maskBrokerUrl()', () => {
  test.each([
    ['amqp://u:pw@h//', 'amqp://u:**@h//'],
    ['redis://:pw@h', 'redis://:**@h'],
    ['redis://:p@h', 'redis://:**@h'],
    ['amqp://u:p@w@h', 'amqp://u:**@h'],
    ['amqp://u:p/w#?@h', 'amqp://u:**@h'],
    ['amqp://u:a://b@h', 'amqp://u:**@h'],
    ['amqp://u:pw@a/v;amqp://u:pw@b', 'amqp://u:**@a/v;amqp://u:**@b'],
    ['sqla+postgresql://u:pw@h/d', 'sqla+postgresql://u:**@h/d'],
    ['cannot reach redis://:pw@h:1: refused', 'cannot reach redis://:**@h:1: refused'],
    ['x_redis://:pw@h', 'x_redis://:**@h'],
    ['redis://h?password=pw&db=1', 'redis://h?password=**&db=1'],
    ['redis://h?pass%77ord=pw', 'redis://h?pass%77ord=**'],
  ])('masks %s', (url, expected) => {
    expect(maskBrokerUrl(url)).toBe(expected)
  })

  test.each([
    'amqp://u@h',
    'amqp://h:5672//',
    'amqp://[::1]:5672',
    'amqp://:@h',
    'u:pw@h',
    'redis://h:1?ssl_keyfile=/k',
    'no url',
    '',
  ])('leaves %j as it is', (url) => {
    expect(maskBrokerUrl(url)).toBe(url)
  })

  test('shows no part of a password, encoded or not, in any of the alternatives', () => {
    const password = fc.string({ minLength: 1 }).map((raw) => `s3${raw}cret`)
    const encoded = password.map(encodeURIComponent)
    const url = fc.oneof(password.map(withoutSeparators), encoded).map((p) => `redis://u:${p}@h/0`)
    fc.assert(
      fc.property(fc.array(url, { minLength: 1 }), (urls) => {
        const masked = maskBrokerUrl(urls.join(';'))
        expect(masked).toBe(urls.map(() => 'redis://u:**@h/0').join(';'))
      }),
    )
  })
})

/** A raw password may hold anything but the beginning of another URL. */
function withoutSeparators(password: string): string {
  return password.replaceAll('://', '')
}
