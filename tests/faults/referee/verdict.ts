/** The referee: reads what happened and what is left, and says which promises were kept. */
import { type FaultPlan, isCalibration, isOfBroker } from '../fault-plan.ts'
import { forgetsAcks, forgetsTakes } from '../fault-transports.ts'
import type { Quarantined, Remains } from '../subjects/subject.ts'
import { type Duplicates, duplicatesIn } from './duplicates.ts'
import type { History, MessageHistory, Outcome } from './history.ts'
import { type QuarantineFindings, quarantineFindings } from './quarantine.ts'
import { heldAtFaults, type Recovery, recoveryOf, slowestConsumer } from './recovery.ts'

/** Everything that is judged. */
export interface Evidence {
  readonly plan: FaultPlan
  readonly history: History
  /** After everybody has finished. */
  readonly remains: Remains
  readonly remainingIds: ReadonlySet<string>
  readonly quarantined: readonly Quarantined[]
  /** Processes that ended, or spoke, as they should not have. */
  readonly actorProblems: readonly string[]
}

/** What came out. Ids stand for messages. */
export interface Verdict {
  readonly plan: FaultPlan
  readonly published: number
  readonly outcomes: Readonly<Record<Outcome | 'none', number>>
  readonly delivered: number
  readonly handled: number
  /** Confirmed, never handled, and not in the broker. */
  readonly lost: readonly string[]
  /** Confirmed, never handled, still in the broker. */
  readonly stranded: readonly string[]
  readonly quarantine: QuarantineFindings
  readonly duplicates: Duplicates
  readonly faults: number
  /** Consumers' faults that took something away, and how much on average. */
  readonly faultsWhileHolding: number
  readonly heldPerFault: number
  readonly recovery: Recovery
  readonly slowestConsumer: Recovery | undefined
  readonly lostEpochs: number
  readonly failures: readonly string[]
  readonly warnings: readonly string[]
  readonly remains: Remains
  readonly gauges: History['gauges']
  /** Promises that were broken, one line each. */
  readonly violations: readonly string[]
}

/** First delivery after the broker answers again. */
const brokerRecoveryBoundMs = 5_000

export function judge(evidence: Evidence): Verdict {
  const { plan, history, remains, remainingIds, quarantined } = evidence
  const messages = [...history.messages.values()]
  const unhandled = messages.filter(
    (message) => message.outcome === 'confirmed' && !message.isPoison && !isHandled(message),
  )
  const held = heldAtFaults(history).map(({ length }) => length)
  const verdict: Omit<Verdict, 'violations'> = {
    plan,
    ...counts(messages),
    lost: ids(unhandled.filter(({ id }) => !remainingIds.has(id))),
    stranded: ids(unhandled.filter(({ id }) => remainingIds.has(id))),
    quarantine: quarantineFindings(history, quarantined),
    duplicates: duplicatesIn(history),
    faults: history.faults.length,
    faultsWhileHolding: held.filter((count) => count > 0).length,
    heldPerFault: Math.round((10 * sum(held)) / Math.max(1, held.length)) / 10,
    recovery: recoveryOf(plan.scenario, history),
    slowestConsumer: isOfBroker(plan.scenario) ? slowestConsumer(history) : undefined,
    lostEpochs: history.lostEpochs.length,
    failures: history.failures,
    warnings: history.warnings,
    remains,
    gauges: history.gauges,
  }
  return { ...verdict, violations: violations(verdict, evidence) }
}

/** Whether the run is as it must be: nothing lost and nothing broken, or losses noticed where there must be some. */
export function isGood({ plan, lost, violations }: Verdict): boolean {
  return isCalibration(plan) ? lost.length > 0 : violations.length === 0
}

function counts(messages: readonly MessageHistory[]) {
  const of = (outcome: Outcome | undefined) =>
    messages.filter((message) => message.publishedAtMs !== undefined && message.outcome === outcome)
      .length
  return {
    published: messages.filter(({ publishedAtMs }) => publishedAtMs !== undefined).length,
    outcomes: {
      confirmed: of('confirmed'),
      refused: of('refused'),
      unknown: of('unknown'),
      none: of(undefined),
    },
    delivered: sum(messages.map(({ deliveries }) => deliveries.length)),
    handled: messages.filter(isHandled).length,
  }
}

/** The invariants, by their numbers in the comment of each. */
function violations(
  verdict: Omit<Verdict, 'violations'>,
  { plan, history, actorProblems }: Evidence,
): readonly string[] {
  const messages = [...history.messages.values()]
  const { duplicates, lost, stranded, quarantine, remains } = verdict
  const mangled = messages.filter(({ deliveries }) => deliveries.some(({ isMangled }) => isMangled))
  const refused = messages.filter((message) => message.outcome === 'refused' && isHandled(message))
  return [
    // I1: nothing confirmed is lost.
    ...named('confirmed, never handled, and gone', lost),
    ...named('confirmed and never handled, although still in the broker', stranded),
    // I2: nothing is invented or mangled.
    ...named('delivered but never published', ids(messages.filter(isInvented))),
    ...named('delivered with a body that nobody published', ids(mangled)),
    // I3: refused means not stored.
    ...named('refused, and handled all the same', ids(refused)),
    // I4, I6: a duplicate has a reason, and one consumer at a time has a message.
    ...named('delivered again although somebody still had it', duplicates.unexplained),
    ...named(
      'redelivered without saying so',
      mayForget(plan, forgetsTakes) ? [] : duplicates.unmarked,
    ),
    ...bounded('duplicates of one fault', duplicates.maxPerFault, duplicateBound(plan)),
    // I5: acknowledged means gone.
    ...named(
      'delivered again after its acknowledgement was confirmed',
      mayForget(plan, forgetsAcks) ? [] : duplicates.resurrected,
    ),
    // I7: things go on.
    ...bounded(
      'ms from the end of a fault to the first delivery',
      verdict.recovery.maxMs,
      recoveryBound(plan),
    ),
    ...bounded(
      'ms from the end of a fault to the slowest consumer',
      verdict.slowestConsumer?.maxMs,
      recoveryBound(plan),
    ),
    // I9: what nobody can read is set aside, whole.
    ...named('unreadable, and not set aside', quarantine.missing),
    ...named('set aside wrongly', quarantine.wrong),
    // I10: nothing is left behind.
    ...leftBehind(remains),
    // I11: nobody failed in another way.
    ...history.errors.map((error) => `an error that should not be: ${error}`),
    ...actorProblems,
    // I12: bounds are kept.
    ...bounded('messages in flight at a consumer', history.gauges.maxInFlight, plan.prefetchCount),
  ]
}

/** Only the end of a broker takes its memory away. */
function mayForget(
  { scenario, transport }: FaultPlan,
  forgets: (transport: FaultPlan['transport']) => boolean,
): boolean {
  return isOfBroker(scenario) && forgets(transport)
}

function isHandled({ deliveries }: MessageHistory): boolean {
  return deliveries.some(({ handledAtMs }) => handledAtMs !== undefined)
}

function isInvented({ publishedAtMs, deliveries }: MessageHistory): boolean {
  return publishedAtMs === undefined && deliveries.length > 0
}

function duplicateBound({ scenario, prefetchCount, consumers }: FaultPlan): number {
  return isOfBroker(scenario) ? prefetchCount * consumers : prefetchCount
}

function recoveryBound({ scenario }: FaultPlan): number {
  return isOfBroker(scenario) ? brokerRecoveryBoundMs : Infinity
}

function leftBehind({ ready, leased, holders, other }: Remains): readonly string[] {
  return [
    ...bounded('messages waiting at the end', ready, 0),
    ...bounded('messages out with nobody at the end', leased, 0),
    ...bounded('sessions that the broker still knows at the end', holders, 0),
    ...other.map((thing) => `left in the broker: ${thing}`),
  ]
}

function named(what: string, messages: readonly string[]): readonly string[] {
  if (messages.length === 0) return []
  return [`${messages.length} ${what}: ${messages.slice(0, 5).join(', ')}`]
}

function bounded(what: string, value: number | undefined, bound: number): readonly string[] {
  return value !== undefined && value > bound
    ? [`${value} ${what}; at most ${bound} are allowed`]
    : []
}

function ids(messages: readonly MessageHistory[]): readonly string[] {
  return messages.map(({ id }) => id)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
