/** What a run found, for people and for programs. */
import { availableParallelism, loadavg } from 'node:os'
import type { CampaignResult } from './campaign.ts'
import { isCalibration } from './fault-plan.ts'
import { isGood } from './referee/verdict.ts'

/** A summary as plain data. Numbers; times in milliseconds. */
export function reportData({
  verdict,
  broker,
  seconds,
}: CampaignResult): Readonly<Record<string, unknown>> {
  const { plan, outcomes, duplicates, recovery, gauges } = verdict
  return {
    ...{ scenario: plan.scenario, transport: plan.transport, kills: verdict.faults },
    published: verdict.published,
    confirmed: outcomes.confirmed,
    refused: outcomes.refused,
    unknown: outcomes.unknown,
    unanswered: outcomes.none,
    delivered: verdict.delivered,
    handled: verdict.handled,
    lost: verdict.lost.length,
    lostPerKill: ratio(verdict.lost.length, verdict.faults),
    stranded: verdict.stranded.length,
    poison: verdict.quarantine.poison,
    quarantined: verdict.quarantine.quarantined,
    duplicates: duplicates.count,
    duplicatesPerKill: ratio(duplicates.count, verdict.faults),
    duplicatesAfterAck: duplicates.afterAck,
    maxDuplicatesPerKill: duplicates.maxPerFault,
    unexplainedDuplicates: duplicates.unexplained.length,
    overdueDeliveries: duplicates.overdue,
    resurrected: duplicates.resurrected.length,
    unmarked: duplicates.unmarked.length,
    killsWhileHolding: verdict.faultsWhileHolding,
    heldPerKill: verdict.heldPerFault,
    recoveryMsP50: recovery.p50Ms,
    recoveryMsP99: recovery.p99Ms,
    recoveryMsMax: recovery.maxMs,
    recoverySamples: recovery.samples,
    slowestConsumerMsMax: verdict.slowestConsumer?.maxMs,
    lostConnections: verdict.lostEpochs,
    warnings: verdict.warnings.length,
    maxRssMebibytes: gauges.maxRssMebibytes,
    maxInFlight: gauges.maxInFlight,
    ...load(verdict.plan),
    broker,
    ...{ node: process.version, cores: availableParallelism(), seconds },
    loadAverage: loadavg()[0],
    violations: verdict.violations,
    isCalibration: isCalibration(plan),
    ok: isGood(verdict),
  }
}

/** Some lines for people. */
export function reportText(result: CampaignResult): string {
  const { verdict, broker, seconds, folder } = result
  const { plan, outcomes, duplicates, recovery, lost, quarantine } = verdict
  return [
    `${plan.scenario} on ${plan.transport} (${broker}): ${verdict.faults} faults in ${seconds} s`,
    `  load       ${plan.messagesPerSecond}/s, ${plan.publishers} publishers, ${plan.consumers} consumers, prefetch ${plan.prefetchCount}, work ${plan.workMs} ms, lease ${plan.leaseMs} ms, ${plan.durability}`,
    `  published  ${verdict.published}: ${outcomes.confirmed} confirmed, ${outcomes.refused} refused, ${outcomes.unknown} unknown, ${outcomes.none} unanswered`,
    `  lost       ${lost.length}${lost.length === 0 ? `: with 95 % confidence, fewer than ${bound(verdict.faults)} of faults lose something` : ''}`,
    `  duplicates ${duplicates.count} (at most ${duplicates.maxPerFault} per fault and ${duplicates.afterAck} lost acknowledgements, ${duplicates.unexplained.length} unexplained)`,
    `  recovery   p50 ${ms(recovery.p50Ms)}, p99 ${ms(recovery.p99Ms)}, max ${ms(recovery.maxMs)} (${recovery.samples} samples)`,
    `  unreadable ${quarantine.quarantined} set aside of ${quarantine.poison}`,
    ...summarized('publish   ', verdict.failures),
    // One per unreadable message, as it should be.
    ...summarized(
      'warning   ',
      verdict.warnings.filter((line) => !line.includes('was set aside in')),
    ),
    ...verdict.violations.map((violation) => `  BROKEN     ${violation}`),
    ...(folder === undefined ? [] : [`  ledgers    ${folder}`]),
    conclusion(result),
  ].join('\n')
}

function conclusion({ verdict }: CampaignResult): string {
  if (!isCalibration(verdict.plan)) return isGood(verdict) ? '  ok' : '  NOT OK'
  return isGood(verdict)
    ? '  ok: this subject is known to lose messages, and it was noticed'
    : '  NOT OK: this subject is known to lose messages, and nothing was noticed'
}

function load({ defect, durability, seed, ...plan }: CampaignResult['verdict']['plan']) {
  const { messagesPerSecond, publishers, consumers, prefetchCount, workMs, leaseMs } = plan
  return {
    ...{ messagesPerSecond, publishers, consumers, prefetchCount, workMs, leaseMs },
    ...{ durability, defect: defect ?? null, seed },
  }
}

function summarized(what: string, lines: readonly string[]): readonly string[] {
  const kinds = Map.groupBy(lines, (line) => line.replace(/^\S+ /, '').replaceAll(/\d+/g, 'n'))
  return [...kinds.values()].map(
    ([line = '', ...more]) => `  ${what} ${more.length + 1} × ${line.slice(0, 300)}`,
  )
}

function bound(faults: number): string {
  return faults === 0 ? '100 %' : `${Math.round((3 / faults) * 1_000) / 10} %`
}

function ratio(count: number, faults: number): number {
  return faults === 0 ? 0 : Math.round((count / faults) * 1_000) / 1_000
}

function ms(value: number | undefined): string {
  return value === undefined ? 'none' : `${value} ms`
}
