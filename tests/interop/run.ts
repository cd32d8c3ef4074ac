/**
 * `npm run interop [-- FILTER]`: everything between us and Kombu, as a table.
 *
 * FILTER keeps the trials whose name contains it, e.g. `kombu52`, `redis topic`, `killed`.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startRedis } from '../../tools/brokers/redis.ts'
import { InteropRun, outcomeOf, type Trial } from './interop-run.ts'
import { preparePythons } from './prepare-pythons.ts'

interface Group {
  passed: number
  failed: number
  impossible: number
}

async function main(filter: string): Promise<number> {
  await preparePythons()
  const folder = await mkdtemp(join(tmpdir(), 'dashi-interop-'))
  const redis = await startRedis()
  try {
    const sqlite = `sqla+sqlite:///${join(folder, 'broker.db')}`
    await using run = new InteropRun({ redis: redis.url, sqlite })
    return await runAll(run.trials.filter(({ name }) => name.includes(filter)))
  } finally {
    await redis.process.stop()
    await rm(folder, { recursive: true })
  }
}

async function runAll(trials: readonly Trial[]): Promise<number> {
  const groups = new Map<string, Group>()
  const failures: string[] = []
  for (const trial of trials) {
    const failure = await outcomeOf(trial)
    count(groups, trial, failure)
    if (failure !== undefined) failures.push(`FAILED ${trial.name}: ${failure}`)
  }
  printTable(groups, trials)
  for (const failure of failures) print(failure)
  print(
    `${trials.length} cells: ${trials.length - failures.length} passed, ${failures.length} failed`,
  )
  return failures.length
}

function count(groups: Map<string, Group>, trial: Trial, failure: string | undefined): void {
  const group = groups.get(trial.group) ?? { passed: 0, failed: 0, impossible: 0 }
  groups.set(trial.group, group)
  if (failure !== undefined) group.failed += 1
  else group.passed += 1
  if (trial.impossible !== undefined) group.impossible += 1
}

function printTable(groups: ReadonlyMap<string, Group>, trials: readonly Trial[]): void {
  const width = Math.max(...[...groups.keys()].map((name) => name.length))
  for (const [name, { passed, failed, impossible }] of groups) {
    const note = impossible === 0 ? '' : `  (${impossible} impossible, seen not to work)`
    print(`${name.padEnd(width)}  ${String(passed).padStart(3)} passed  ${failed} failed${note}`)
  }
  const reasons = new Set(trials.flatMap(({ impossible }) => impossible ?? []))
  for (const reason of reasons) print(`impossible: ${reason}`)
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

process.exitCode = (await main(process.argv[2] ?? '')) === 0 ? 0 : 1
