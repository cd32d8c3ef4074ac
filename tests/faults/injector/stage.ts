import { setTimeout } from 'node:timers/promises'
import { type FaultPlan, isOfBroker } from '../fault-plan.ts'
import type { LedgerWriter } from '../ledger/ledger-writer.ts'
import type { ActorProcess } from '../processes/actor-process.ts'
import type { Company } from '../processes/company.ts'
import type { Subject } from '../subjects/subject.ts'

/** Where faults happen. */
export interface Stage {
  readonly plan: FaultPlan
  readonly subject: Subject
  readonly company: Company
  /** The injector's own. */
  readonly ledger: LedgerWriter
  readonly random: () => number
  /** Ends the run. */
  readonly signal: AbortSignal
}

/** Makes the faults of one scenario. Resolves after the last one. */
export type Injector = (stage: Stage) => Promise<void>

/** A broker gets at least this time between two faults, so that it can be seen how it recovers. */
const betweenBrokerFaultsMs = 2_000

/** Waits for a moment that nobody can foresee, so that on average there are as many faults as planned. */
export async function randomMoment({ plan, random, signal }: Stage): Promise<void> {
  const leastMs = isOfBroker(plan.scenario) ? betweenBrokerFaultsMs : 0
  const meanMs = Math.max(leastMs, 1_000 / plan.killsPerSecond)
  await setTimeout(leastMs + random() * 2 * (meanMs - leastMs), undefined, { signal })
}

const busyTimeoutMs = 20_000

/**
 * One of the consumers that have received something, at random.
 *
 * @throws {Error} nobody has, for a long time: they are silent.
 */
export async function busyConsumer(stage: Stage): Promise<ActorProcess> {
  const { company, random, signal } = stage
  const until = performance.now() + busyTimeoutMs
  for (;;) {
    const busy = company.consumers.filter((consumer) => consumer.isBusy)
    const chosen = busy[Math.floor(random() * busy.length)]
    if (chosen !== undefined) return chosen
    if (performance.now() > until) {
      throw new Error(`No consumer has received anything within ${busyTimeoutMs} ms`)
    }
    await setTimeout(10, undefined, { signal })
  }
}

/** Writes down when a fault begins and ends. */
export async function fault(
  { ledger }: Stage,
  what: { readonly kind: string; readonly target: string },
  happen: () => Promise<void>,
): Promise<void> {
  ledger.write('F', what.kind, what.target, 'begin')
  await happen()
  ledger.write('F', what.kind, what.target, 'end')
}
