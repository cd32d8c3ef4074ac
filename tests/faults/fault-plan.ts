/** What a run does: how much load, which faults, on what. */
import type { Defect } from './actors/actor-config.ts'
import {
  type Durability,
  durabilitiesOf,
  isFile,
  isKombu,
  losesByDurability,
  type TransportName,
} from './fault-transports.ts'

export const scenarios = [
  'consumer-kill',
  'consumer-close',
  'consumer-pause',
  'publisher-kill',
  'broker-kill',
  'broker-pause',
  'broker-oom',
] as const

export type Scenario = (typeof scenarios)[number]

/** Everything that decides what a run does. */
export interface FaultPlan {
  readonly scenario: Scenario
  /** `kombu-…`: the consumers are Kombu's. */
  readonly transport: TransportName
  /** How many faults. */
  readonly kills: number
  /** At most; a fault waits until what the last one took away is there again. */
  readonly killsPerSecond: number
  /** All publishers together. */
  readonly messagesPerSecond: number
  readonly publishers: number
  readonly consumers: number
  readonly prefetchCount: number
  /** How long a handler takes, on average. */
  readonly workMs: number
  readonly leaseMs: number
  /** How many of the messages are requeued at their first delivery, from 0 to 1. */
  readonly requeueShare: number
  /** How many of the messages nobody can read, from 0 to 1. */
  readonly poisonShare: number
  readonly paddingBytes: number
  readonly durability: Durability
  /** A mistake made on purpose. */
  readonly defect: Defect | undefined
  /** Of the moments and the victims. The operating system's scheduling has no seed. */
  readonly seed: number
}

/** A plan in which only the deviations are said. */
export type PlanOptions = { readonly [Name in keyof FaultPlan]?: FaultPlan[Name] | undefined }

const defaults: FaultPlan = {
  scenario: 'consumer-kill',
  transport: 'redis',
  kills: 300,
  killsPerSecond: 3,
  messagesPerSecond: 600,
  publishers: 2,
  consumers: 3,
  prefetchCount: 50,
  workMs: 60,
  leaseMs: 1_000,
  requeueShare: 0.01,
  poisonShare: 0.005,
  paddingBytes: 200,
  durability: 'always',
  defect: undefined,
  seed: 1,
}

const scenarioDefaults: Readonly<Record<Scenario, PlanOptions>> = {
  'consumer-kill': {},
  'consumer-close': {},
  // Slower: each pause is longer than the lease.
  'consumer-pause': { kills: 30, killsPerSecond: 0.5 },
  'publisher-kill': { kills: 100 },
  'broker-kill': { kills: 20, killsPerSecond: 0.3 },
  'broker-pause': { kills: 20, killsPerSecond: 0.3 },
  'broker-oom': { kills: 10, killsPerSecond: 0.3 },
}

// Its loss is in the two steps of taking a message: a consumer that works takes fewer.
const kombuDefaults: PlanOptions = {
  workMs: 0,
  requeueShare: 0,
  poisonShare: 0,
  // More than it can do when every step waits for the disk, so that it is always busy.
  messagesPerSecond: 400,
  consumers: 1,
}

/**
 * Fills in what is not said.
 *
 * @throws {Error} the combination makes no sense; says what would.
 */
export function faultPlan(options: PlanOptions): FaultPlan {
  const transport = options.transport ?? defaults.transport
  const scenario = options.scenario ?? defaults.scenario
  const ofTransport: PlanOptions = {
    durability: durabilitiesOf[transport][0],
    ...(isKombu(transport) ? kombuDefaults : {}),
  }
  const plan = [scenarioDefaults[scenario], ofTransport, options].reduce(withSaid, defaults)
  // Requeued or set aside by a consumer that has acknowledged already: not the defect that is meant.
  const checked = plan.defect === undefined ? plan : { ...plan, requeueShare: 0, poisonShare: 0 }
  requireSense(checked)
  return checked
}

/** Whether the faults are the broker's, not its users'. */
export function isOfBroker(scenario: Scenario): boolean {
  return scenario.startsWith('broker-')
}

/** Whether the run is there to show that losses are noticed. */
export function isCalibration({ scenario, transport, defect, durability }: FaultPlan): boolean {
  if (defect !== undefined || durability === 'off') return true
  // RabbitMQ keeps what is not acknowledged, whoever consumes.
  if (isKombu(transport)) return transport !== 'kombu-rabbitmq'
  return isOfBroker(scenario) && losesByDurability(durability)
}

function withSaid(plan: FaultPlan, options: PlanOptions): FaultPlan {
  const said = Object.entries(options).filter(([, value]) => value !== undefined)
  return { ...plan, ...Object.fromEntries(said) }
}

function requireSense(plan: FaultPlan): void {
  const { scenario, transport, durability } = plan
  if (isFile(transport) && isOfBroker(scenario)) {
    throw new Error(
      `There is no broker on ${transport} that could fail: the disk is the broker. Kill its users with --scenario consumer-kill or publisher-kill`,
    )
  }
  const known = durabilitiesOf[transport]
  if (!known.includes(durability)) {
    const names = [known.slice(0, -1).join(', '), known.at(-1)].join(' or ')
    throw new Error(`--durability of ${transport} has to be ${names}, not ${durability}`)
  }
  if (transport === 'redis-sentinel' && scenario === 'broker-oom') {
    throw new Error('broker-oom is there for brokers of one process, not for redis-sentinel')
  }
  if (isKombu(transport)) requireKombus(plan)
}

function requireKombus({ scenario, transport, defect }: FaultPlan): void {
  const allowed = transport === 'kombu-redis' ? ['consumer-kill', 'broker-oom'] : ['consumer-kill']
  if (allowed.includes(scenario) && defect === undefined) return
  throw new Error(`${transport} is there for --scenario ${allowed.join(' and ')}, without a defect`)
}
