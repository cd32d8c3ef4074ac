import { describe, expect, test } from 'vitest'
import { celerySettings } from './celery/celery-settings.ts'
import { defaultSettings } from './default-settings.ts'
import { fromCeleryConfig } from './from-celery-config.ts'
import { resolveSettings } from './resolve-settings.ts'

const rows = Object.entries(celerySettings)
const ignore = { onIgnored: () => undefined }

describe.each(rows)('%s', (name, setting) => {
  test('is known by its name of today, by its old one, and in a namespace', () => {
    const today = fromCeleryConfig({ [name]: null }, ignore)
    const old = fromCeleryConfig({ [setting.old]: null }, ignore)
    const spaced = fromCeleryConfig(
      { [`CELERY_${name.toUpperCase()}`]: null },
      {
        ...ignore,
        namespace: 'CELERY',
      },
    )
    const expected = 'to' in setting ? { [setting.to]: null } : {}
    expect([today, old, spaced]).toEqual([expected, expected, expected])
  })

  test('is a setting of ours, or says why not', () => {
    const told: string[] = []
    fromCeleryConfig({ [name]: null }, { onIgnored: (_, reason) => told.push(reason) })
    if ('to' in setting) expect(defaultSettings).toHaveProperty(setting.to)
    else expect(told).toEqual([setting.ignored])
  })
})

test.each([
  [{ task_time_limit: 1.5 }, { taskTimeLimitMs: 1_500 }],
  [{ result_expires: 0 }, { resultExpiresMs: null }],
  [{ CELERYD_MAX_MEMORY_PER_CHILD: 12_000 }, { workerMaxMemoryPerChildBytes: 12_288_000 }],
  [{ task_default_delivery_mode: 1 }, { taskDefaultDeliveryMode: 'transient' }],
  [{ worker_pool: 'prefork' }, { workerPool: 'processes' }],
  [{ worker_pool: 'gevent' }, { workerPool: 'async' }],
  [
    { task_routes: { 'a.*': { queue: 'a', routing_key: 'k' }, b: 'q' } },
    { taskRoutes: { 'a.*': { queue: 'a', routingKey: 'k' }, b: 'q' } },
  ],
  [
    { CELERY_QUEUES: { a: { exchange: 'e', exchange_type: 'topic', routing_key: 'a.#' } } },
    { taskQueues: [{ name: 'a', exchange: 'e', exchangeType: 'topic', routingKey: 'a.#' }] },
  ],
  [
    { broker_transport_options: { visibility_timeout: 60 }, broker_connection_timeout: 2 },
    { brokerOptions: { transportOptions: { visibility_timeout: 60 }, connectTimeoutMs: 2_000 } },
  ],
])('%j becomes %j', (config, settings) => {
  expect(fromCeleryConfig(config)).toEqual(settings)
  expect(() => resolveSettings(fromCeleryConfig(config))).not.toThrow()
})

test('unknown names are refused, all of them, with the likely ones', () => {
  expect(() => fromCeleryConfig({ task_route: {}, zzz: 1 })).toThrow(
    /"task_route" \(did you mean "task_routes"\?\), "zzz"/,
  )
  expect(() => fromCeleryConfig({ DJ_TASK_ROUTE: {} }, { namespace: 'DJ' })).toThrow(
    /DJ_TASK_ROUTES/,
  )
})

test('what is outside of the namespace does not count', () => {
  const config = { DEBUG: true, CELERY_TASK_ALWAYS_EAGER: true }
  expect(fromCeleryConfig(config, { namespace: 'CELERY' })).toEqual({ taskAlwaysEager: true })
})

test('old and new names in one configuration are refused, with the new ones', () => {
  expect(() => fromCeleryConfig({ task_serializer: 'json', CELERY_ROUTES: {} })).toThrow(
    /"CELERY_ROUTES" is "task_routes"/,
  )
})

test.each([
  [{ task_time_limit: 'soon' }, /task_time_limit.*a number/],
  [{ worker_pool: 'fork' }, /worker_pool.*prefork/],
  [{ task_queues: 3 }, /task_queues.*list or a mapping/],
  [{ task_queues: [{ exchange: 'e' }] }, /task_queues.*"name"/],
])('%j is refused', (config, message) => {
  expect(() => fromCeleryConfig(config)).toThrow(message)
})
