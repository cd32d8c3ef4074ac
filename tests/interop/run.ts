/**
 * `npm run interop [-- FILTER]`: everything between us and Kombu, as a table.
 *
 * FILTER keeps the trials whose name contains it, e.g. `kombu52`, `redis topic`, `killed`.
 */
import { rm } from 'node:fs/promises'
import { startRabbitmq } from '../../tools/brokers/rabbitmq.ts'
import { startRedis } from '../../tools/brokers/redis.ts'
import { type Batch, outcomesOf } from './batch.ts'
import { brokerAddresses, makeBrokerFolder } from './broker-address.ts'
import { InteropRun } from './interop-run.ts'
import { MirrorTable } from './kombu-mirror/mirror-table.ts'
import { preparePythons } from './prepare-pythons.ts'
import { InteropTable } from './table.ts'

async function main(filter: string): Promise<number> {
  await preparePythons()
  const folder = await makeBrokerFolder()
  try {
    await using redis = await startRedis()
    await using rabbitmq = await startRabbitmq()
    const addresses = brokerAddresses({ redis: redis.url, rabbitmq: rabbitmq.url }, folder)
    await using run = new InteropRun(addresses, (name) => name.includes(filter))
    return await runAll(run.batches)
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Lane beside lane, so that one waits while another works. */
async function runAll(batches: readonly Batch[]): Promise<number> {
  const table = new InteropTable(batches.flatMap(({ trials }) => trials))
  const mirrors = new MirrorTable()
  const lanes = Map.groupBy(batches, ({ lane }) => lane)
  const running = [...lanes.values()].map(async (lane) => {
    for (const batch of lane) {
      const outcomes = await outcomesOf(batch)
      table.add(batch.trials, outcomes)
      mirrors.add(batch.trials, outcomes)
    }
  })
  await Promise.all(running)
  const lines = [...table.rows(), ...mirrors.rows(), ...table.failures(), table.total()]
  for (const line of lines) process.stdout.write(`${line}\n`)
  return table.failureCount
}

process.exitCode = (await main(process.argv[2] ?? '')) === 0 ? 0 : 1
