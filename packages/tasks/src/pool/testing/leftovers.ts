/** Starts a pool, runs jobs that end in several ways, stops it, and prints what keeps the process alive after that. Then it must end by itself. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool } from '../pool.ts'
import { startPool } from './pool-cases.ts'

// Given by the suite, which knows the names.
const name = process.argv[2] as Pool['name']
const made = await startPool(name)
await made.run('wait', [1], { softTimeLimitMs: 60_000, hardTimeLimitMs: 60_000 })
await made.run('never', [], { hardTimeLimitMs: 20 })
await made.run('never', [], { softTimeLimitMs: 20 })
const terminated = made.run('never')
made.pool.terminate('never-id', 'SIGTERM')
await terminated
await made.pool.stop('warm', AbortSignal.timeout(60_000))
await sleep(100)
const left = process.getActiveResourcesInfo().filter((resource) => resource !== 'PipeWrap')
process.stdout.write(JSON.stringify(left))
