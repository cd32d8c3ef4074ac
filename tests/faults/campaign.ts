/** One run: load with faults, an end of the faults, draining, judgement. */
import { rmSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { temporaryFolder } from '../../tools/services/server-process.ts'
import { drain } from './drain.ts'
import { type FaultPlan, isOfBroker } from './fault-plan.ts'
import { injectors } from './injector/injectors.ts'
import { randomFrom } from './injector/random.ts'
import type { Stage } from './injector/stage.ts'
import { LedgerWriter } from './ledger/ledger-writer.ts'
import { ledgerPath, readLedgers } from './ledger/read-ledgers.ts'
import { Company } from './processes/company.ts'
import { historyOf } from './referee/history.ts'
import { judge, type Verdict } from './referee/verdict.ts'
import { startSubject } from './subjects/start-subject.ts'

/** What a run may be told beside its plan. */
export interface CampaignOptions {
  /** Ends the run early: everything is stopped, and there is no verdict. */
  readonly signal?: AbortSignal
  /** The interpreter that has Kombu. Needed by plans with Kombu's consumers. */
  readonly python?: string | undefined
  /** Keep the ledgers. Default: remove them. */
  readonly keepLedgers?: boolean
}

/** What a run found, and where it can be read up. */
export interface CampaignResult {
  readonly verdict: Verdict
  /** Name and version of the broker. */
  readonly broker: string
  readonly seconds: number
  /** The ledgers, if they were kept. */
  readonly folder: string | undefined
}

/** Load goes on after the last fault, long enough to see who recovers and who stays silent. */
function afterglowMs({ scenario }: FaultPlan): number {
  return isOfBroker(scenario) ? 6_000 : 1_000
}

/**
 * Carries out a plan with servers and processes of its own, all of which are gone at the end.
 *
 * @throws {Error} it could not be carried out, or takes much longer than it should; `signal.reason` when aborted.
 */
export async function runCampaign(
  plan: FaultPlan,
  options: CampaignOptions = {},
): Promise<CampaignResult> {
  const startedAt = performance.now()
  const folder = temporaryFolder('faults')
  const limit = AbortSignal.timeout(timeLimitMs(plan))
  const signal = options.signal === undefined ? limit : AbortSignal.any([options.signal, limit])
  try {
    const { verdict, broker } = await runIn(folder, plan, { ...options, signal })
    const seconds = Math.round((performance.now() - startedAt) / 1_000)
    return { verdict, broker, seconds, folder: options.keepLedgers ? folder : undefined }
  } finally {
    if (!options.keepLedgers) rmSync(folder, { recursive: true, force: true })
  }
}

async function runIn(
  folder: string,
  plan: FaultPlan,
  { signal, python }: CampaignOptions & { readonly signal: AbortSignal },
): Promise<Pick<CampaignResult, 'verdict' | 'broker'>> {
  await using subject = await startSubject(plan, folder)
  await using company = new Company({ plan, subject, folder, python })
  const ledger = new LedgerWriter(ledgerPath(folder, 'injector'))
  const stage: Stage = { plan, subject, company, ledger, random: randomFrom(plan.seed), signal }

  await company.start()
  await injectors[plan.scenario](stage)
  await setTimeout(afterglowMs(plan), undefined, { signal })
  await company.stopPublishers()
  await drain(stage)
  const remainingIds = await subject.remainingIds()
  await company.stopConsumers()
  ledger.close()

  const history = historyOf(readLedgers(folder))
  const victims = new Set(
    history.faults.flatMap(({ kind, target }) => (kind === 'kill' ? [target] : [])),
  )
  const actorProblems = company.problems((name) => victims.has(name))
  const [remains, quarantined] = [await subject.remains(), await subject.quarantined()]
  const verdict = judge({
    ...{ plan, history, remains, remainingIds, quarantined, actorProblems },
  })
  return { verdict, broker: subject.version }
}

/** Generous, because a busy machine is no fault; but every run has an end. */
function timeLimitMs({ kills, killsPerSecond }: FaultPlan): number {
  return Math.round(180_000 + (12_000 * kills) / killsPerSecond)
}
