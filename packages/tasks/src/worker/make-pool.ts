import type { App } from '../app/app.ts'
import { AsyncPool } from '../pool/async-pool.ts'
import type { Pool } from '../pool/pool.ts'
import type { WorkerOptions } from './worker-options.ts'

/** The pool that the options ask for. */
export function makePool(app: App, options: WorkerOptions, size: number): Pool {
  const { registry } = app
  const name = options.pool ?? app.settings.workerPool
  return new AsyncPool({ registry, size, name: name === 'solo' ? 'solo' : 'async' })
}
