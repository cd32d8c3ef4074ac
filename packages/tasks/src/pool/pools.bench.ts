/**
 * Jobs per second of each pool for a task that does nothing, as many outstanding as the pool runs at a time:
 *
 * `npx node --conditions=@dashi/source packages/tasks/src/pool/pools.bench.ts`
 *
 * Prints one line of JSON per pool and size: jobs per second of the best of five rounds of a second, after one that warms up,
 * and microseconds of processor time for one job: of this process, without its child processes, with its threads.
 *
 * On two cores (AMD EPYC, Node 24.21, a machine that others used as well), jobs per second and microseconds:
 *
 * | | 1 at a time | 2 | 8 |
 * | --- | --- | --- | --- |
 * | solo, async | 3,000,000 (0.33) | | |
 * | threads | 27,600 (33) | 34,000 (29) | 35,400 (43) |
 * | processes | 24,300 (19) | 24,200 (21) | 22,100 (21) |
 */
import { cpus } from 'node:os'
import type { Pool } from './pool.ts'
import { jobOf, type SuitePool, startPool } from './testing/pool-cases.ts'

const roundMs = 1_000
const rounds = 5

async function measure(made: SuitePool): Promise<{ jobs: number; micros: number; ms: number }> {
  const started = performance.now()
  const cpu = process.cpuUsage()
  let jobs = 0
  const work = async () => {
    while (performance.now() - started < roundMs) {
      const outcome = made.pool.run(jobOf('nothing', []), silent)
      if (outcome instanceof Promise) await outcome
      jobs += 1
    }
  }
  await Promise.all(Array.from({ length: made.pool.size }, work))
  const { user, system } = process.cpuUsage(cpu)
  return { jobs, micros: user + system, ms: performance.now() - started }
}

const silent = {
  onStarted: () => undefined,
  onState: () => undefined,
  onChild: () => undefined,
  onLog: () => undefined,
}

async function bench(name: Pool['name'], size: number): Promise<void> {
  await using made = await startPool(name, { size })
  await measure(made)
  const measured: Awaited<ReturnType<typeof measure>>[] = []
  for (let round = 0; round < rounds; round += 1) measured.push(await measure(made))
  const perSecond = measured.map(({ jobs, ms }) => (jobs / ms) * 1_000)
  const microsPerJob = measured.map(({ jobs, micros }) => micros / jobs)
  process.stdout.write(
    `${JSON.stringify({
      pool: name,
      size,
      jobsPerSecond: Math.round(Math.max(...perSecond)),
      microsPerJob: Number(Math.min(...microsPerJob).toFixed(2)),
    })}\n`,
  )
}

process.stdout.write(
  `${JSON.stringify({ node: process.version, cores: cpus().length, cpu: cpus()[0]?.model })}\n`,
)
await bench('solo', 1)
await bench('async', 100)
for (const size of [1, 2, 8]) {
  await bench('threads', size)
  await bench('processes', size)
}
