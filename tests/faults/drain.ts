import { setTimeout } from 'node:timers/promises'
import type { Stage } from './injector/stage.ts'
import type { Remains } from './subjects/subject.ts'

const lookEveryMs = 250
/** How long nothing may be left before that counts as the end. */
const quietMs = 1_000

/**
 * Waits until the consumers have emptied the broker, or make no progress any more.
 *
 * What is then left is the referee's affair.
 */
export async function drain(stage: Stage): Promise<void> {
  const { subject, company, signal } = stage
  let changedAtMs = performance.now()
  let last = ''
  for (;;) {
    const remains = await subject.remains()
    const now = performance.now()
    const seen = JSON.stringify(remains)
    if (seen !== last) changedAtMs = now
    last = seen
    const patienceMs = isEmpty(remains, company.consumers.length) ? quietMs : stallMs(stage)
    if (now - changedAtMs >= patienceMs) return
    await setTimeout(lookEveryMs, undefined, { signal })
  }
}

/** Only consumers that are at work may be known to the broker. */
function isEmpty({ ready, leased, holders }: Remains, consumers: number): boolean {
  return ready === 0 && leased === 0 && holders <= consumers
}

/** Three times the longest time that something may take to come back. Kombu looks once in ten polls. */
function stallMs({ plan }: Stage): number {
  const worstMs = plan.transport === 'kombu-redis' ? 20_000 : 2 * plan.leaseMs + 2_000
  return 3 * worstMs
}
