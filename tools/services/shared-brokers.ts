import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Broker, type Environment, UnavailableError } from './broker.ts'
import { composeDown } from './compose.ts'
import { withLock } from './lock.ts'
import { isRunning } from './process.ts'
import { recall, release, remember, sweepOrphans } from './records.ts'

/** Where a broker is, and whether it was there before it was asked for. */
export interface UpBroker {
  readonly environment: Environment
  readonly how: 'named by the environment' | 'was up already' | 'started now'
}

const folder = join(import.meta.dirname, '..', 'brokers')

/** The names of all brokers: those of the files in `tools/brokers/`. */
export function brokerNames(): readonly string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => file.slice(0, -'.ts'.length))
}

/** The definition of a broker: what `tools/brokers/<name>.ts` exports as `broker`. */
export async function loadBroker(name: string): Promise<Broker> {
  const known = brokerNames()
  if (!known.includes(name)) {
    throw new UnavailableError(`there is no broker "${name}"; there are ${known.join(', ')}`)
  }
  const { broker }: { broker: Broker } = await import(join(folder, `${name}.ts`))
  return broker
}

/**
 * Makes sure that a broker is up, for all who use this folder, until `bringDown`.
 *
 * @throws {UnavailableError} when this machine cannot have it.
 */
export async function bringUp(name: string): Promise<UpBroker> {
  const broker = await loadBroker(name)
  await sweepOrphans()
  const given = await givenByEnvironment(broker)
  if (given !== undefined) return { environment: given, how: 'named by the environment' }
  return withLock(name, async () => {
    const running = await findRunning(broker)
    if (running !== undefined) return { environment: running, how: 'was up already' }
    await bringDown(name)
    const started = await broker.start()
    remember(name, started)
    return { environment: started.environment, how: 'started now' }
  })
}

/** Stops a broker if `bringUp` started it. Resolves to whether it did. */
export async function bringDown(name: string): Promise<boolean> {
  await sweepOrphans()
  const record = recall(name)
  if (record?.composeService !== undefined) await composeDown(record.composeService)
  await release(name)
  return record !== undefined
}

/** Where a broker is that `bringUp` started and that still answers. */
export async function findRunning(broker: Broker): Promise<Environment | undefined> {
  const record = recall(broker.name)
  if (record === undefined || !record.processes.every(isRunning)) return undefined
  return (await broker.isUp(record.environment)) ? record.environment : undefined
}

async function givenByEnvironment(broker: Broker): Promise<Environment | undefined> {
  const { variables } = broker
  const given = variables.flatMap((name) => {
    const value = process.env[name]
    return value === undefined || value === '' ? [] : [[name, value] as const]
  })
  if (given.length < variables.length) return undefined
  const environment = Object.fromEntries(given)
  if (await broker.isUp(environment)) return environment
  throw new UnavailableError(`${variables.join(', ')} set, and nothing answers there`)
}
