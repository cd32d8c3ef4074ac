import { describe, expect, test } from 'vitest'
import { ChannelError, ConfigurationError, UnsupportedError } from '../errors.ts'
import type { StoredBinding } from './queue-store.ts'
import { checkBinding, routeToQueues } from './route.ts'

function bindings(type: string, ...list: readonly Partial<StoredBinding>[]): StoredBinding[] {
  return list.map((binding) => ({
    exchange: 'e',
    exchangeType: type,
    queue: 'q',
    routingKey: '',
    arguments: {},
    ...binding,
  }))
}

const kombu = { topicMatching: 'kombu' } as const
const message = { routingKey: 'a.b', headers: {} }

describe('routeToQueues()', () => {
  test('direct: the queues whose key is the same', () => {
    const table = bindings(
      'direct',
      { queue: 'one', routingKey: 'a.b' },
      { queue: 'two', routingKey: 'a.*' },
      { queue: 'three', routingKey: 'a.b' },
    )
    const options = { exchangeType: 'direct', ...kombu }
    expect(routeToQueues(table, message, options)).toEqual(['one', 'three'])
  })

  test('fanout: every queue, whatever the keys', () => {
    const table = bindings('fanout', { queue: 'one' }, { queue: 'two', routingKey: 'x' })
    const options = { exchangeType: 'fanout', ...kombu }
    expect(routeToQueues(table, message, options)).toEqual(['one', 'two'])
  })

  test('topic: as Kombu or as AMQP', () => {
    const table = bindings(
      'topic',
      { queue: 'word', routingKey: '*' },
      { queue: 'words', routingKey: 'a.b.#' },
      { queue: 'both', routingKey: 'a.*' },
    )
    const route = (topicMatching: 'kombu' | 'amqp') =>
      routeToQueues(table, message, { exchangeType: 'topic', topicMatching })
    expect(route('kombu')).toEqual(['word', 'both'])
    expect(route('amqp')).toEqual(['words', 'both'])
  })

  test('each queue once, in the order of the bindings', () => {
    const table = bindings(
      'topic',
      { queue: 'two', routingKey: 'x' },
      { queue: 'one', routingKey: 'a.b' },
      { queue: 'two', routingKey: 'a.*' },
      { queue: 'one', routingKey: '#' },
    )
    const options = { exchangeType: 'topic', ...kombu }
    expect(routeToQueues(table, message, options)).toEqual(['one', 'two'])
  })

  test('nothing without bindings', () => {
    expect(routeToQueues([], message, { exchangeType: 'fanout', ...kombu })).toEqual([])
  })

  test.each(['x-delayed-message', 'toString', ''])(
    'refuses exchanges of type %j',
    (exchangeType) => {
      const route = () => routeToQueues(bindings('direct', {}), message, { exchangeType, ...kombu })
      expect(route).toThrow(UnsupportedError)
      expect(route).toThrow(/there are direct, fanout, topic, headers/)
    },
  )
})

describe('routeToQueues() by headers', () => {
  function takes(wanted: Record<string, unknown>, headers: Record<string, unknown>): boolean {
    const table = bindings('headers', { arguments: wanted })
    const routed = routeToQueues(
      table,
      { routingKey: '', headers },
      { exchangeType: 'headers', ...kombu },
    )
    return routed.length === 1
  }

  // rabbitmq.com, "Headers Exchange"; the answers of rabbit_exchange_type_headers.
  test.each<[string, Record<string, unknown>, Record<string, unknown>, boolean]>([
    ['all is the default', { a: 1, b: 2 }, { a: 1, b: 2, c: 3 }, true],
    ['all misses one', { a: 1, b: 2 }, { a: 1 }, false],
    ['all differs in one', { 'x-match': 'all', a: 1, b: 2 }, { a: 1, b: 3 }, false],
    ['any has one', { 'x-match': 'any', a: 1, b: 2 }, { b: 2 }, true],
    ['any has none', { 'x-match': 'any', a: 1, b: 2 }, { a: 2, b: 1 }, false],
    ['all of nothing', {}, { a: 1 }, true],
    ['any of nothing', { 'x-match': 'any' }, { a: 1 }, false],
    ['types count', { a: 1 }, { a: '1' }, false],
    ['null asks for presence', { a: null }, { a: 'anything' }, true],
    ['null asks for presence only', { a: null }, {}, false],
    ['tables and arrays', { a: { b: [1, 2] } }, { a: { b: [1, 2] } }, true],
    ['other tables', { a: { b: [1, 2] } }, { a: { b: [2, 1] } }, false],
    ['all leaves x- out', { a: 1, 'x-b': 2 }, { a: 1 }, true],
    ['any leaves x- out', { 'x-match': 'any', 'x-b': 2 }, { 'x-b': 2 }, false],
    ['all-with-x', { 'x-match': 'all-with-x', a: 1, 'x-b': 2 }, { a: 1 }, false],
    ['all-with-x, both', { 'x-match': 'all-with-x', a: 1, 'x-b': 2 }, { a: 1, 'x-b': 2 }, true],
    ['any-with-x', { 'x-match': 'any-with-x', a: 1, 'x-b': 2 }, { 'x-b': 2 }, true],
    ['inherited names are no headers', { toString: null }, {}, false],
  ])('%s', (_, wanted, headers, expected) => {
    expect(takes(wanted, headers)).toBe(expected)
  })
})

describe('checkBinding()', () => {
  const [topic] = bindings('topic', { routingKey: 'a.*b.**' })
  const [headers] = bindings('headers', { arguments: { 'x-match': 'some' } })

  test('refuses an x-match that does not exist', () => {
    expect(() => headers && checkBinding(headers, kombu)).toThrow(ChannelError)
    expect(() => headers && checkBinding(headers, kombu)).toThrow(
      /x-match has to be one of all, any/,
    )
  })

  test('refuses a topic that Python cannot compile, where Python looks', () => {
    expect(() => topic && checkBinding(topic, kombu)).toThrow(ConfigurationError)
    expect(() => topic && checkBinding(topic, { topicMatching: 'amqp' })).not.toThrow()
  })

  test('accepts the rest', () => {
    const good = [
      ...bindings('direct', { routingKey: '**' }),
      ...bindings('fanout', { arguments: { 'x-match': 'some' } }),
      ...bindings('topic', { routingKey: 'a.*.#' }),
      ...bindings('headers', {}, { arguments: { 'x-match': 'any-with-x' } }),
    ]
    for (const binding of good) expect(() => checkBinding(binding, kombu)).not.toThrow()
  })

  test('refuses types that cannot be routed', () => {
    const [other] = bindings('x-random', {})
    expect(() => other && checkBinding(other, kombu)).toThrow(UnsupportedError)
  })
})
