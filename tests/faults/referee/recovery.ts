/** How long it took until things went on after a fault. */
import { isOfBroker, type Scenario } from '../fault-plan.ts'
import type { Delivery, Fault, History } from './history.ts'

/** Times in milliseconds; `undefined` when there was nothing to measure. */
export interface Recovery {
  readonly samples: number
  readonly p50Ms: number | undefined
  readonly p99Ms: number | undefined
  readonly maxMs: number | undefined
}

/**
 * Of consumers: from the fault to the next delivery of each message that the victim held. Of brokers: from the first
 * answer after the restart to the first delivery, to anybody. Publishers have nothing to recover.
 */
export function recoveryOf(scenario: Scenario, history: History): Recovery {
  if (scenario === 'publisher-kill') return summary([])
  return summary(isOfBroker(scenario) ? brokerTimes(history) : consumerTimes(history))
}

/**
 * Of brokers: from the first answer after the restart to the first delivery of the slowest consumer. A consumer that
 * received nothing before the next fault counts with all the time that it had.
 */
export function slowestConsumer(history: History): Recovery {
  const deliveries = deliveriesOf(history)
  const byConsumer = [...Map.groupBy(deliveries, ({ consumer }) => consumer).values()]
  return summary(
    periodsAfter(history, deliveries).map((period) =>
      Math.max(...byConsumer.map((its) => timeToFirst(its, period))),
    ),
  )
}

/** What the victims of the faults held when it happened, one list per fault. Of unreadable ones nobody knows. */
export function heldAtFaults({ messages, faults }: History): readonly (readonly Delivery[])[] {
  const sound = [...messages.values()].filter(({ isPoison }) => !isPoison)
  const deliveries = sound.flatMap((message) => message.deliveries)
  const byConsumer = Map.groupBy(deliveries, ({ consumer }) => consumer)
  return faults.map((fault) =>
    (byConsumer.get(fault.target) ?? []).filter((delivery) => isHeldAt(delivery, fault)),
  )
}

export function percentile(sorted: readonly number[], share: number): number | undefined {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
}

function consumerTimes(history: History): readonly number[] {
  const held = heldAtFaults(history)
  const idOf = new Map<Delivery, string>()
  for (const { id, deliveries } of history.messages.values()) {
    for (const delivery of deliveries) idOf.set(delivery, id)
  }
  return history.faults.flatMap((fault, index) =>
    (held[index] ?? []).flatMap((delivery) => {
      const { deliveries } = history.messages.get(idOf.get(delivery) ?? '') ?? { deliveries: [] }
      const next = deliveries.find(
        (one) => one.atMs > delivery.atMs && one.consumer !== fault.target,
      )
      if (next === undefined) return []
      // Settled before it came back, by a dying victim: then it may have gone to the end of the queue.
      return settledAtMs(delivery) < next.atMs ? [] : [next.atMs - fault.beginMs]
    }),
  )
}

function brokerTimes(history: History): readonly number[] {
  const deliveries = deliveriesOf(history)
  return periodsAfter(history, deliveries).map((period) => timeToFirst(deliveries, period))
}

/** From the end of a fault to the beginning of the next one, or to the last delivery of the run. */
interface Period {
  readonly beginMs: number
  readonly endMs: number
}

function periodsAfter({ faults }: History, deliveries: readonly Delivery[]): readonly Period[] {
  const lastMs = deliveries.at(-1)?.atMs ?? Infinity
  return faults.map(({ endMs }, index) => ({
    beginMs: endMs,
    endMs: faults[index + 1]?.beginMs ?? lastMs,
  }))
}

/** @param deliveries In order of time. If there is none in the period, all of it counts. */
function timeToFirst(deliveries: readonly Delivery[], { beginMs, endMs }: Period): number {
  const atMs = deliveries.find((delivery) => delivery.atMs > beginMs)?.atMs ?? endMs
  return Math.min(atMs, endMs) - beginMs
}

function deliveriesOf({ messages }: History): readonly Delivery[] {
  const all = [...messages.values()].flatMap(({ deliveries }) => deliveries)
  return all.sort((one, other) => one.atMs - other.atMs)
}

/** A process goes on for a moment after it was sent the signal: its last deliveries count as held. */
function isHeldAt(delivery: Delivery, { beginMs, endMs }: Fault): boolean {
  return delivery.atMs <= endMs && settledAtMs(delivery) > beginMs
}

function settledAtMs({ ackSentAtMs, requeuedAtMs }: Delivery): number {
  return ackSentAtMs ?? requeuedAtMs ?? Infinity
}

function summary(times: readonly number[]): Recovery {
  const sorted = times.toSorted((one, other) => one - other)
  return {
    samples: sorted.length,
    p50Ms: rounded(percentile(sorted, 0.5)),
    p99Ms: rounded(percentile(sorted, 0.99)),
    maxMs: rounded(sorted.at(-1)),
  }
}

function rounded(ms: number | undefined): number | undefined {
  return ms === undefined || !Number.isFinite(ms) ? undefined : Math.round(ms)
}
