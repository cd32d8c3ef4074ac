/** What the suite of cases over all pools works with. */
import { execFileSync } from 'node:child_process'
import { directRequest } from '../../task/direct-context.ts'
import { AsyncPool } from '../async-pool.ts'
import type { ChildPoolOptions } from '../children/child-pool.ts'
import type { Job, JobOutcome, JobReports, Pool } from '../pool.ts'
import { ProcessPool } from '../process-pool.ts'
import { ThreadPool } from '../thread-pool.ts'
import { app } from './suite-app.ts'

/** What a pool can do. The suite asserts both answers. */
export interface PoolFacts {
  readonly name: Pool['name']
  /** Ends a function that blocks or exits, without harm to others. */
  readonly isolates: boolean
  /** Its children are processes. */
  readonly hasPids: boolean
  readonly resizes: boolean
}

/** The four pools. */
export const pools: readonly PoolFacts[] = [
  { name: 'async', isolates: false, hasPids: false, resizes: true },
  { name: 'solo', isolates: false, hasPids: false, resizes: false },
  { name: 'threads', isolates: true, hasPids: false, resizes: true },
  { name: 'processes', isolates: true, hasPids: true, resizes: true },
]

/** Those with children. */
export const childPools: readonly PoolFacts[] = pools.filter(({ isolates }) => isolates)

/** A pool for the suite, and what it warned of. */
export interface SuitePool extends AsyncDisposable {
  readonly pool: Pool
  readonly warnings: string[]
  run(task: string, args?: readonly unknown[], job?: Partial<Job>): Promise<JobOutcome>
  /** What the runs told, in order. */
  readonly told: unknown[][]
}

/** Module of the suite's tasks. */
export const suiteModule: string = new URL('./suite-app.ts', import.meta.url).href
/** Module of the app that dies. */
export const dyingModule: string = new URL('./dying-app.ts', import.meta.url).href

/** Not started yet. */
export function makePool(name: Pool['name'], options: Partial<ChildPoolOptions> = {}): SuitePool {
  const warnings: string[] = []
  const told: unknown[][] = []
  const reports: JobReports = {
    onStarted: (pid) => told.push(['started', pid]),
    onState: (state, meta) => told.push(['state', state, meta]),
    onChild: (tuple) => told.push(['child', tuple]),
    onLog: (level, message, fields) => told.push(['log', level, message, fields]),
  }
  const { registry } = app
  const all: ChildPoolOptions = {
    registry,
    size: 2,
    app: { url: suiteModule },
    onWarning: (message) => warnings.push(message),
    ...options,
  }
  const pool = poolOf(name, all)
  return {
    pool,
    warnings,
    told,
    run: async (task, args = [], job = {}) => await pool.run(jobOf(task, args, job), reports),
    [Symbol.asyncDispose]: () => pool.stop('cold', AbortSignal.abort()),
  }
}

/** Started. */
export async function startPool(...parts: Parameters<typeof makePool>): Promise<SuitePool> {
  const made = makePool(...parts)
  await made.pool.start()
  return made
}

function poolOf(name: Pool['name'], options: ChildPoolOptions): Pool {
  if (name === 'threads') return new ThreadPool(options)
  if (name === 'processes') return new ProcessPool(options)
  return new AsyncPool({ ...options, name })
}

/** A job, with an id that can be found. */
export function jobOf(task: string, args: readonly unknown[], job: Partial<Job> = {}): Job {
  return {
    request: { ...directRequest(task, args), id: `${task}-id` },
    deliveryInfo: { routingKey: 'q' },
    hostname: 'w',
    softTimeLimitMs: undefined,
    hardTimeLimitMs: undefined,
    ...job,
  }
}

/** The pids that are there still; zombies are not. */
export function alive(pids: readonly number[]): readonly number[] {
  const listed = execFileSync('ps', ['-A', '-o', 'pid=,stat='], { encoding: 'utf8' })
  const rows = listed.split('\n').map((line) => line.trim().split(/\s+/))
  return pids.filter((pid) => rows.some(([id, state]) => Number(id) === pid && state?.[0] !== 'Z'))
}
