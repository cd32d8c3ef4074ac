/** The short form of what `npm run faults` does at length: enough to notice that something broke. */
import { expect, test } from 'vitest'
import { runCampaign } from './campaign.ts'
import { faultPlan, type PlanOptions } from './fault-plan.ts'
import { isGood, type Verdict } from './referee/verdict.ts'

// Slow machines run this too: a lease that a starved process cannot renew in time would be no finding.
const short: PlanOptions = { killsPerSecond: 6, messagesPerSecond: 400, leaseMs: 2_000 }

/** Brokers of several processes take a while to start; all the more on a busy machine. */
const patienceMs = 180_000

async function verdictOf(options: PlanOptions): Promise<Verdict> {
  const { verdict } = await runCampaign(faultPlan({ ...short, ...options }))
  return verdict
}

test.each(['sqlite', 'redis'] as const)(
  '20 kills of consumers on %s lose nothing',
  async (transport) => {
    const verdict = await verdictOf({ transport, kills: 20 })

    expect(verdict.violations).toEqual([])
    expect(verdict.faultsWhileHolding).toBeGreaterThan(0)
  },
)

test.each(['filesystem', 'rabbitmq-classic'] as const)(
  '5 kills of consumers on %s lose nothing',
  async (transport) => {
    const verdict = await verdictOf({ transport, kills: 5 })

    expect(verdict.violations).toEqual([])
    expect(verdict.faultsWhileHolding).toBeGreaterThan(0)
  },
  patienceMs,
)

test.each([
  ['the node', 'rabbitmq-quorum'],
  ['the master', 'redis-sentinel'],
] as const)(
  'the end of %s on %s loses nothing that was confirmed',
  async (_, transport) => {
    const scenario = 'broker-kill'
    const verdict = await verdictOf({ transport, scenario, kills: 1, leaseMs: 3_000 })

    expect(verdict.violations).toEqual([])
    expect(verdict.recovery.samples).toBe(1)
  },
  patienceMs,
)

test('2 kills of Redis lose nothing that was confirmed', async () => {
  const verdict = await verdictOf({ scenario: 'broker-kill', kills: 2, killsPerSecond: 0.5 })

  expect(verdict.violations).toEqual([])
  expect(verdict.recovery.samples).toBe(2)
})

test('a consumer that acknowledges before its work is found out', async () => {
  const verdict = await verdictOf({ transport: 'sqlite', defect: 'ack-first', kills: 3 })

  expect(verdict.lost.length).toBeGreaterThan(0)
  expect(isGood(verdict)).toBe(true)
})
