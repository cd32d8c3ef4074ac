import { UnavailableError } from './services/broker.ts'
import {
  bringDown,
  bringUp,
  brokerNames,
  findRunning,
  loadBroker,
} from './services/shared-brokers.ts'

const usage = `npm run brokers -- up NAME …      start brokers, or find those that are up
npm run brokers -- down [NAME …]  stop what "up" started, all or these
npm run brokers -- status         show what is up

NAME is one of: ${brokerNames().join(', ')}`

async function up(names: readonly string[]): Promise<void> {
  const variables: string[] = []
  for (const name of names) {
    const { environment, how } = await bringUp(name)
    console.log(`${name}: up, ${how}`)
    for (const [key, value] of Object.entries(environment)) {
      variables.push(`export ${key}='${value}'`)
    }
  }
  console.log(variables.join('\n'))
}

async function down(names: readonly string[]): Promise<void> {
  for (const name of names.length > 0 ? names : brokerNames()) {
    const stopped = await bringDown(name)
    console.log(`${name}: ${stopped ? 'stopped' : 'was not started from here'}`)
  }
}

async function status(): Promise<void> {
  for (const name of brokerNames()) {
    const environment = await findRunning(await loadBroker(name))
    const places = environment === undefined ? ['down'] : ['up', ...Object.values(environment)]
    console.log(`${name}: ${places.join(' ')}`)
  }
}

async function main([command, ...names]: readonly string[]): Promise<void> {
  if (command === 'up' && names.length > 0) return up(names)
  if (command === 'down') return down(names)
  if (command === 'status') return status()
  console.error(usage)
  process.exitCode = 2
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof UnavailableError)) throw error
  console.error(`Cannot have it on this machine: ${error.message}`)
  process.exitCode = 1
}
