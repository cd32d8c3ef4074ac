import { ConfigurationError } from '@dashi/messaging/transport'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  calculateRoutingKey,
  delayedTopology,
  deliveryExchange,
  levelName,
  maxCountdownSeconds,
} from './delayed-topology.ts'

// Values of Kombu 5.6.2, kombu.transport.native_delayed_delivery.
test('routing keys are those of Kombu', () => {
  const zeros = (count: number) => '0.'.repeat(count)
  expect(calculateRoutingKey(1, 'destination')).toBe(`${zeros(27)}1.destination`)
  expect(calculateRoutingKey(5, 'tasks')).toBe(`${zeros(25)}1.0.1.tasks`)
  expect(calculateRoutingKey(2 ** 28 - 1, 'a.b')).toBe(`${'1.'.repeat(28)}a.b`)
})

test('the bits of a key add up to the delay', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: maxCountdownSeconds }), (seconds) => {
      const words = calculateRoutingKey(seconds, 'key.of.its.own').split('.')
      expect(words.slice(28).join('.')).toBe('key.of.its.own')
      expect(Number.parseInt(words.slice(0, 28).join(''), 2)).toBe(seconds)
    }),
  )
})

test.each([
  ['no delay', () => calculateRoutingKey(0, 'k')],
  ['half a second', () => calculateRoutingKey(0.5, 'k')],
  ['too long a delay', () => calculateRoutingKey(2 ** 28, 'k')],
  ['no key', () => calculateRoutingKey(1, '')],
  ['no such level', () => levelName(28)],
  ['a negative level', () => levelName(-1)],
])('%s is refused', (_, call) => {
  expect(call).toThrow(ConfigurationError)
})

test('names carry the prefix', () => {
  expect(levelName(3)).toBe('celery_delayed_3')
  expect(levelName(3, 'shop')).toBe('shop_celery_delayed_3')
  expect(deliveryExchange()).toBe('celery_delayed_delivery')
  expect(deliveryExchange('shop')).toBe('shop_celery_delayed_delivery')
})

test('the topology is that of Kombu', () => {
  const { exchanges, queues, exchangeBindings, queueBindings } = delayedTopology('quorum')
  expect(exchanges.length).toBe(29)
  expect(queues[0]).toMatchObject({
    name: 'celery_delayed_27',
    durable: true,
    arguments: {
      'x-queue-type': 'quorum',
      'x-overflow': 'reject-publish',
      'x-message-ttl': 134_217_728_000,
      'x-dead-letter-exchange': 'celery_delayed_26',
      'x-dead-letter-strategy': 'at-least-once',
    },
  })
  expect(queues.at(-1)?.arguments).toMatchObject({
    'x-message-ttl': 1_000,
    'x-dead-letter-exchange': 'celery_delayed_delivery',
  })
  const key = (level: number, bit: string) => `${'*.'.repeat(27 - level)}${bit}.#`
  expect(queueBindings.map((binding) => binding.routingKey)).toEqual(
    queues.map((_, index) => key(27 - index, '1')),
  )
  expect(exchangeBindings.map((binding) => [binding.exchange, binding.destination])).toEqual([
    ...Array.from({ length: 27 }, (_, index) => [levelName(27 - index), levelName(26 - index)]),
    ['celery_delayed_0', 'celery_delayed_delivery'],
  ])
  expect(exchangeBindings.at(-1)?.routingKey).toBe(key(0, '0'))
  expect(delayedTopology('classic').queues[0]?.arguments).not.toHaveProperty(
    'x-dead-letter-strategy',
  )
})

/** A topic exchange of AMQP: does the key match the pattern? */
function matches(pattern: string, key: string): boolean {
  const [first, ...rest] = pattern.split('.')
  const words = key.split('.')
  if (first === '#') return true
  if (words.length === 0 || (first !== '*' && first !== words[0])) return false
  return rest.length === 0 ? words.length === 1 : matches(rest.join('.'), words.slice(1).join('.'))
}

test('a message waits as long as its key says, on every way through the levels', () => {
  const { queues, exchangeBindings, queueBindings } = delayedTopology('classic')
  fc.assert(
    fc.property(fc.integer({ min: 1, max: maxCountdownSeconds }), (seconds) => {
      const key = calculateRoutingKey(seconds, 'tasks')
      let waitedMs = 0
      let place = levelName(27)
      while (place !== deliveryExchange()) {
        const onward = [...exchangeBindings, ...queueBindings].filter(
          (binding) => binding.exchange === place && matches(binding.routingKey, key),
        )
        expect(onward.length).toBe(1)
        const [next] = onward
        const queue = next?.destination === place && queues.find(({ name }) => name === place)
        if (queue) waitedMs += Number(queue.arguments['x-message-ttl'])
        place = queue
          ? String(queue.arguments['x-dead-letter-exchange'])
          : (next?.destination ?? '')
      }
      expect(waitedMs).toBe(seconds * 1_000)
    }),
    { numRuns: 30 },
  )
})
