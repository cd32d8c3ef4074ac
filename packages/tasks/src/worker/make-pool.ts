import type { App } from '../app/app.ts'
import { ImproperlyConfiguredError } from '../errors.ts'
import { AsyncPool } from '../pool/async-pool.ts'
import type { ChildPoolOptions } from '../pool/children/child-pool.ts'
import { isInsideChild } from '../pool/children/inside-child.ts'
import type { Pool } from '../pool/pool.ts'
import { ProcessPool } from '../pool/process-pool.ts'
import { ThreadPool } from '../pool/thread-pool.ts'
import { consoleLogger } from './console-logger.ts'
import type { WorkerOptions } from './worker-options.ts'

/**
 * The pool that the options ask for.
 *
 * @throws {ImproperlyConfiguredError} a pool that is none; one with children without `appModule`, or inside of a child; a size or
 *   limit that is none.
 */
export function makePool(app: App, options: WorkerOptions, size: number): Pool {
  const { registry } = app
  const name = options.pool ?? app.settings.workerPool
  switch (name) {
    case 'async':
    case 'solo':
      return new AsyncPool({ registry, size, name })
    case 'threads':
      return new ThreadPool(childOptions(app, options, { name, size }))
    case 'processes':
      return new ProcessPool(childOptions(app, options, { name, size }))
    default:
      throw new ImproperlyConfiguredError(
        `There is no pool "${String(name)}". Set "pool" to 'async', 'solo', 'threads' or 'processes'`,
      )
  }
}

interface ChosenPool {
  readonly name: 'threads' | 'processes'
  readonly size: number
}

function childOptions(
  { registry, settings }: App,
  options: WorkerOptions,
  { name, size }: ChosenPool,
): ChildPoolOptions {
  const { appModule, logger = consoleLogger() } = options
  if (isInsideChild()) throw startedByChild(name)
  if (appModule === undefined) throw noAppModule(name)
  const { maxTasksPerChild = settings.workerMaxTasksPerChild } = options
  const { maxMemoryPerChildBytes = settings.workerMaxMemoryPerChildBytes } = options
  return {
    registry,
    app: appModule,
    size,
    maxTasksPerChild: limitOf({ maxTasksPerChild }),
    maxMemoryPerChildBytes: limitOf({ maxMemoryPerChildBytes }),
    onWarning: (message) => logger.warn(message),
  }
}

/** 0 is none, as in Celery. */
function limitOf(option: Readonly<Record<string, number | null>>): number | undefined {
  const [[name, limit] = ['', null]] = Object.entries(option)
  if (limit === null || limit === 0) return undefined
  if (Number.isSafeInteger(limit) && limit > 0) return limit
  throw new ImproperlyConfiguredError(
    `"${name}" must be a whole number from 1, or 0 for no limit, not ${limit}`,
  )
}

function noAppModule(name: string): ImproperlyConfiguredError {
  return new ImproperlyConfiguredError(
    `Pool '${name}' needs "appModule": its children import the app, they do not get this one. Export the app from a module that does not start the worker, and set appModule: { url: new URL('./app.ts', import.meta.url).href }`,
  )
}

/** Each of its children would start a worker, whose children would start one. */
function startedByChild(name: string): ImproperlyConfiguredError {
  return new ImproperlyConfiguredError(
    `A worker with pool '${name}' was made in a child of a pool: "appModule" starts it when it is imported. Export the app from a module that does not`,
  )
}
