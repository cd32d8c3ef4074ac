/** Deliveries beyond the first, and whether a fault explains them. */
import type { Delivery, Fault, History, LostEpoch } from './history.ts'

/** What repeated deliveries there were. */
export interface Duplicates {
  /** Deliveries beyond the first that nobody asked for with a requeue. */
  readonly count: number
  /**
   * Those of them that reached a consumer after its lease had run out, because it stood still between taking and handling:
   * it may be told what was done elsewhere in the meantime, and its acknowledgement does not count.
   */
  readonly overdue: number
  /** Ids of those for which there is no fault: two consumers had the message at a time. */
  readonly unexplained: readonly string[]
  /** Ids of those after the broker had said that it knew of the acknowledgement. */
  readonly resurrected: readonly string[]
  /** Ids of those that did not say that they were redeliveries. */
  readonly unmarked: readonly string[]
  /** Those of messages whose acknowledgement was sent, and got lost with its sender or the broker. */
  readonly afterAck: number
  /** The most of the others that one fault caused: what its victim was working on. */
  readonly maxPerFault: number
}

export function duplicatesIn(history: History): Duplicates {
  const all = [...repeatsIn(history)]
  const repeats = all.filter(({ isOverdue }) => !isOverdue)
  const unwanted = repeats.filter((repeat) => !repeat.before.every(({ isRequeued }) => isRequeued))
  return {
    count: unwanted.length + all.length - repeats.length,
    overdue: all.length - repeats.length,
    unexplained: ids(unwanted.filter(({ before }) => !before.every(isExplained))),
    resurrected: ids(repeats.filter(({ before }) => before.some(({ isKnown }) => isKnown))),
    unmarked: ids(repeats.filter(({ isMarked }) => !isMarked)),
    afterAck: unwanted.filter(isAfterAck).length,
    maxPerFault: maxPerFault(unwanted.filter((repeat) => !isAfterAck(repeat))),
  }
}

/** An earlier delivery, as seen when the message is delivered again. */
interface Earlier {
  readonly fault: Fault | undefined
  readonly isRequeued: boolean
  readonly hasLostConnection: boolean
  readonly isAckSent: boolean
  /** The broker had said that it knew of its acknowledgement. */
  readonly isKnown: boolean
}

interface Repeat {
  readonly id: string
  readonly isMarked: boolean
  readonly isOverdue: boolean
  readonly before: readonly Earlier[]
}

function* repeatsIn(history: History): Generator<Repeat> {
  const faults = Map.groupBy(history.faults, ({ target }) => target)
  const lost = new Set(history.lostEpochs.map(epochKey))
  const leases = history.lostEpochs.filter(({ code }) => code === 'LEASE_LOST')
  const overdue = new Set(leases.map(epochKey))
  const seen = (earlier: Delivery, delivery: Delivery, isPoison: boolean): Earlier => ({
    fault:
      faultBetween(faults, earlier, delivery) ??
      (isPoison ? brokerFaultBefore(history, delivery) : undefined),
    isRequeued: isBefore(earlier.requeuedAtMs, delivery),
    hasLostConnection: lost.has(epochKey(earlier)),
    isAckSent: isBefore(earlier.ackSentAtMs, delivery),
    isKnown: isBefore(earlier.ackKnownAtMs, delivery),
  })
  for (const { id, deliveries, isPoison = false } of history.messages.values()) {
    for (const [index, delivery] of deliveries.entries()) {
      if (index === 0) continue
      const before = deliveries.slice(0, index).map((earlier) => seen(earlier, delivery, isPoison))
      const isOverdue = overdue.has(epochKey(delivery)) && delivery.ackKnownAtMs === undefined
      yield { id, isMarked: delivery.redelivered, isOverdue, before }
    }
  }
}

function isExplained({ fault, isRequeued, hasLostConnection }: Earlier): boolean {
  return fault !== undefined || isRequeued || hasLostConnection
}

function isAfterAck({ before }: Repeat): boolean {
  return before.at(-1)?.isAckSent === true
}

function maxPerFault(repeats: readonly Repeat[]): number {
  const counts = new Map<Fault, number>()
  for (const { before } of repeats) {
    const latest = before.findLast(({ fault }) => fault !== undefined)?.fault
    if (latest !== undefined) counts.set(latest, (counts.get(latest) ?? 0) + 1)
  }
  return Math.max(0, ...counts.values())
}

function ids(repeats: readonly Repeat[]): readonly string[] {
  return repeats.map(({ id }) => id)
}

/** A fault of the consumer, or of the broker, that took the message away from an earlier delivery. */
function faultBetween(
  faults: ReadonlyMap<string, readonly Fault[]>,
  earlier: Delivery,
  later: Delivery,
): Fault | undefined {
  const candidates = [...(faults.get(earlier.consumer) ?? []), ...(faults.get('broker') ?? [])]
  return candidates.find(({ beginMs, endMs }) => beginMs < later.atMs && endMs > earlier.atMs)
}

/** What cannot be set aside, since the broker lacks something since a fault, is tried again and again. */
function brokerFaultBefore({ faults }: History, { atMs }: Delivery): Fault | undefined {
  return faults.findLast(({ target, beginMs }) => target === 'broker' && beginMs < atMs)
}

function isBefore(atMs: number | undefined, later: Delivery): boolean {
  return atMs !== undefined && atMs < later.atMs
}

function epochKey({ consumer, epoch }: Pick<LostEpoch, 'consumer' | 'epoch'>): string {
  return `${consumer} ${epoch}`
}
