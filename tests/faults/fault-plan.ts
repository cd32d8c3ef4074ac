/** What a run does: how much load, which faults, on what. */
import type { Defect } from './actors/actor-config.ts'

export const scenarios = [
  'consumer-kill',
  'consumer-close',
  'consumer-pause',
  'publisher-kill',
  'broker-kill',
  'broker-pause',
  'broker-oom',
] as const

export const transports = ['redis', 'sqlite', 'filesystem', 'kombu-redis'] as const

/** What the broker does before it confirms. The first two are Redis's `appendfsync`, then no file; then, of files, with and without waiting for the disk. */
export const durabilities = ['always', 'everysec', 'off', 'full', 'normal'] as const

export type Scenario = (typeof scenarios)[number]
export type TransportName = (typeof transports)[number]
export type Durability = (typeof durabilities)[number]

/** Everything that decides what a run does. */
export interface FaultPlan {
  readonly scenario: Scenario
  /** `kombu-redis`: the consumers are Kombu's. For calibration: they are known to lose messages. */
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

const transportDefaults: Readonly<Record<TransportName, PlanOptions>> = {
  redis: {},
  sqlite: { durability: 'full' },
  filesystem: { durability: 'full' },
  // Its loss is in the two round trips of taking a message: a consumer that works takes fewer.
  'kombu-redis': {
    workMs: 0,
    requeueShare: 0,
    poisonShare: 0,
    // More than it can do when every step waits for the disk, so that it is always busy.
    messagesPerSecond: 400,
    consumers: 1,
    prefetchCount: 50,
  },
}

/**
 * Fills in what is not said.
 *
 * @throws {Error} the combination makes no sense; says what would.
 */
export function faultPlan(options: PlanOptions): FaultPlan {
  const transport = options.transport ?? defaults.transport
  const scenario = options.scenario ?? defaults.scenario
  const plan = [scenarioDefaults[scenario], transportDefaults[transport], options].reduce(
    withSaid,
    defaults,
  )
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
export function isCalibration({ transport, defect, durability }: FaultPlan): boolean {
  return transport === 'kombu-redis' || defect !== undefined || durability === 'off'
}

function withSaid(plan: FaultPlan, options: PlanOptions): FaultPlan {
  const said = Object.entries(options).filter(([, value]) => value !== undefined)
  return { ...plan, ...Object.fromEntries(said) }
}

function requireSense({ scenario, transport, durability, defect }: FaultPlan): void {
  const isFile = transport === 'sqlite' || transport === 'filesystem'
  if (isFile && isOfBroker(scenario)) {
    throw new Error(
      `There is no broker on ${transport} that could fail: the disk is the broker. Kill its users with --scenario consumer-kill or publisher-kill`,
    )
  }
  if (isFile !== ['full', 'normal'].includes(durability)) {
    const known = isFile ? 'full or normal' : 'always, everysec or off'
    throw new Error(`--durability of ${transport} has to be ${known}, not ${durability}`)
  }
  const isKombus = scenario === 'consumer-kill' || scenario === 'broker-oom'
  if (transport === 'kombu-redis' && (!isKombus || defect !== undefined)) {
    throw new Error(
      'kombu-redis is there for --scenario consumer-kill and broker-oom, without a defect',
    )
  }
}
