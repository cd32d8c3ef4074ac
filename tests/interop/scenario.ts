/**
 * What happens between us and Kombu beside plain delivery: settling, dying, priorities, expiry, simple queues,
 * mailboxes, failover.
 */
import type { Connection } from '@dashi/messaging'
import type { BrokerAddress } from './broker-address.ts'
import { type KombuFacts, kombuFacts } from './kombu-facts.ts'
import type { KombuPeer } from './kombu-peer.ts'
import { type BrokerName, brokerNames } from './matrix.ts'
import { type KombuRelease, kombuReleases } from './python.ts'
import { deadLetterScenarios } from './scenarios/dead-letter.ts'
import { expirationScenarios } from './scenarios/expiration.ts'
import { failoverScenarios } from './scenarios/failover.ts'
import { killScenarios } from './scenarios/kill.ts'
import { mailboxScenarios } from './scenarios/mailbox.ts'
import { priorityScenarios } from './scenarios/priority.ts'
import { requeueScenarios } from './scenarios/requeue.ts'
import { simpleQueueScenarios } from './scenarios/simple-queue.ts'

/** Both ends, on one broker, with names that nobody else uses. */
export interface Ends {
  readonly ours: Connection
  readonly peer: KombuPeer
  /** The peer's name of its connection. */
  readonly connection: string
  readonly address: BrokerAddress
  readonly broker: BrokerName
  readonly python: string
  readonly release: KombuRelease
  readonly unique: string
  /** What that release can do on that broker. */
  readonly facts: KombuFacts
}

/** One thing that must work. */
export interface Scenario {
  readonly name: string
  /** Default: all. */
  readonly brokers?: readonly BrokerName[]
  /** What Kombu must be able to do there. Default: nothing in particular. */
  needs?(facts: KombuFacts): boolean
  /** Resolves with what is wrong; `undefined` when nothing is. */
  run(ends: Ends): Promise<string | undefined>
}

/** A scenario with a release of Kombu on a broker. */
export interface ScenarioCell {
  readonly scenario: Scenario
  readonly release: KombuRelease
  readonly broker: BrokerName
}

const scenarios: readonly Scenario[] = [
  ...requeueScenarios,
  ...deadLetterScenarios,
  ...killScenarios,
  ...priorityScenarios,
  ...expirationScenarios,
  ...simpleQueueScenarios,
  ...mailboxScenarios,
  ...failoverScenarios,
]

/** All combinations, in a fixed order. */
export function scenarioCells(): readonly ScenarioCell[] {
  return scenarios.flatMap((scenario) =>
    kombuReleases.flatMap((release) =>
      (scenario.brokers ?? brokerNames)
        .filter((broker) => scenario.needs?.(kombuFacts[release][broker]) ?? true)
        .map((broker) => ({ scenario, release, broker })),
    ),
  )
}

/** E.g. `kombu52 redis: we requeue, Kombu gets it`. */
export function scenarioName({ scenario, release, broker }: ScenarioCell): string {
  return `${release} ${broker}: ${scenario.name}`
}
