import { parseArgs } from 'node:util'
import { type FaultPlan, faultPlan, type PlanOptions, scenarios } from './fault-plan.ts'
import { durabilities, transports } from './fault-transports.ts'

export const usage: string = `npm run faults -- [options]

--transport ${transports.join('|')}
                         what is put under faults (redis); with kombu-… the consumers are Kombu's
--scenario ${scenarios.join('|')}   (consumer-kill)
--kills N                how many faults (300; 20 of a broker)
--kills-per-second N     at most (3)
--rate N                 messages per second (600)
--publishers N, --consumers N, --prefetch N, --work-ms N, --lease-ms N
--durability always|everysec|off       of Redis: its append-only file (always)
--durability replica|master            of redis-sentinel: who has to confirm (replica)
--durability confirmed|transient|unconfirmed   of RabbitMQ: confirms, and persistent messages (confirmed)
--durability full|normal               of files: whether they wait for the disk (full)
--defect ack-first|confirm-early       a mistake on purpose: the run must notice it
--seed N                 of moments and victims (1)
--keep                   keep the ledgers
--json                   print the last line only: a JSON object`

/** What the command line asks for. */
export interface Request {
  readonly plan: FaultPlan
  readonly keepLedgers: boolean
  readonly isJsonOnly: boolean
}

const text = { type: 'string' } as const
const flag = { type: 'boolean', default: false } as const

/** @throws {Error} an argument makes no sense; says which and what would. */
export function parseCommandLine(args: readonly string[]): Request {
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...{ transport: text, scenario: text, durability: text, defect: text, seed: text },
      ...{ kills: text, 'kills-per-second': text, rate: text },
      ...{ publishers: text, consumers: text, prefetch: text, 'work-ms': text, 'lease-ms': text },
      ...{ json: flag, keep: flag },
    },
  })
  const options: PlanOptions = {
    transport: oneOf('transport', values.transport, transports),
    scenario: oneOf('scenario', values.scenario, scenarios),
    durability: oneOf('durability', values.durability, durabilities),
    defect: oneOf('defect', values.defect, ['ack-first', 'confirm-early']),
    seed: count('seed', values.seed),
    kills: count('kills', values.kills),
    killsPerSecond: count('kills-per-second', values['kills-per-second']),
    messagesPerSecond: count('rate', values.rate),
    publishers: count('publishers', values.publishers),
    consumers: count('consumers', values.consumers),
    prefetchCount: count('prefetch', values.prefetch),
    workMs: count('work-ms', values['work-ms']),
    leaseMs: count('lease-ms', values['lease-ms']),
  }
  return { plan: faultPlan(options), keepLedgers: values.keep, isJsonOnly: values.json }
}

function oneOf<const Word extends string>(
  name: string,
  given: string | undefined,
  words: readonly Word[],
): Word | undefined {
  const word = words.find((known) => known === given)
  if (given === undefined || word !== undefined) return word
  throw new Error(`--${name} has to be one of ${words.join(', ')}, not ${given}`)
}

function count(name: string, given: string | undefined): number | undefined {
  if (given === undefined) return undefined
  const number = Number(given)
  if (Number.isFinite(number) && number >= 0) return number
  throw new Error(`--${name} has to be a number, not ${given}`)
}
