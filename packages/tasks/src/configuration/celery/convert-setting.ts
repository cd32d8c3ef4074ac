import { Exchange, Queue } from '@dashi/messaging'
import { ImproperlyConfiguredError } from '../../errors.ts'
import type { QueueSetting } from '../routing-settings.ts'

/** How a value of Celery becomes one of ours. */
export type Conversion =
  | 'same'
  | 'milliseconds'
  | 'bytes'
  | 'deliveryMode'
  | 'queues'
  | 'routes'
  | 'pool'
  | 'transportOptions'
  | 'connectTimeout'
  | 'failoverStrategy'

type Dict = Readonly<Record<string, unknown>>

/**
 * Converts a value: seconds to milliseconds, KiB to bytes, names of keys to ours.
 *
 * @throws {ImproperlyConfiguredError} naming the setting.
 */
export function convertSetting(name: string, value: unknown, as: Conversion): unknown {
  const converter = converters[as]
  return value === null || value === undefined ? value : converter(value, name)
}

const converters: Readonly<Record<Conversion, (value: unknown, name: string) => unknown>> = {
  same: (value) => value,
  milliseconds: (value, name) => numberOf(value, name) * 1_000 || null,
  bytes: (value, name) => numberOf(value, name) * 1_024,
  deliveryMode: (value) => (value === 1 || value === 'transient' ? 'transient' : 'persistent'),
  queues: queuesOf,
  routes: routesOf,
  pool: poolOf,
  transportOptions: (value) => ({ transportOptions: value }),
  connectTimeout: (value, name) => ({ connectTimeoutMs: numberOf(value, name) * 1_000 }),
  failoverStrategy: (value) => ({ failoverStrategy: value }),
}

function numberOf(value: unknown, name: string): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw wrong(name, 'a number', value)
}

/** Celery's pools by the names of ours; those without a counterpart run in the event loop, as gevent's do. */
function poolOf(value: unknown, name: string): string {
  const pools: Readonly<Record<string, string>> = {
    prefork: 'processes',
    processes: 'processes',
    threads: 'threads',
    solo: 'solo',
    gevent: 'async',
    eventlet: 'async',
  }
  const pool = pools[String(value)]
  if (pool !== undefined) return pool
  throw wrong(name, `one of ${Object.keys(pools).join(', ')}`, value)
}

/** A list of queues, or a mapping of names to their options. */
function queuesOf(value: unknown, name: string): readonly QueueSetting[] {
  if (Array.isArray(value))
    return value.map((one) => (one instanceof Queue ? one : queueOf(one, name)))
  if (!isDict(value)) throw wrong(name, 'a list or a mapping of queues', value)
  return Object.entries(value).map(([queue, options]) =>
    queueOf({ ...(isDict(options) ? options : {}), name: queue }, name),
  )
}

function queueOf(value: unknown, setting: string): QueueSetting {
  if (!isDict(value) || typeof value['name'] !== 'string') {
    throw wrong(setting, 'queues with a "name"', value)
  }
  const { name, exchange, exchange_type, routing_key, binding_key, queue_arguments, max_priority } =
    value
  const given = {
    exchange: exchange instanceof Exchange ? exchange.name : exchange,
    exchangeType: exchange instanceof Exchange ? exchange.type : exchange_type,
    routingKey: routing_key,
    bindingKey: binding_key,
    queueArguments: queue_arguments,
    maxPriority: max_priority,
  }
  return { name, ...defined(given) }
}

/** Options of a route are named as those of `apply_async()`. */
function routesOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(routesOf)
  if (!isDict(value)) return value
  return Object.fromEntries(Object.entries(value).map(([task, route]) => [task, routeOf(route)]))
}

function routeOf(route: unknown): unknown {
  if (!isDict(route)) return route
  return Object.fromEntries(
    Object.entries(route).map(([name, value]) => [
      name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  )
}

function defined(values: Dict): Dict {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
}

function isDict(value: unknown): value is Dict {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function wrong(name: string, wanted: string, value: unknown): ImproperlyConfiguredError {
  return new ImproperlyConfiguredError(
    `Setting "${name}" has to be ${wanted}, not ${JSON.stringify(value)}`,
  )
}
