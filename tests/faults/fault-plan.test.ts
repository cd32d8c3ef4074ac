import { expect, test } from 'vitest'
import { faultPlan, isCalibration } from './fault-plan.ts'
import { durabilitiesOf, transports } from './fault-transports.ts'

test('what is said wins over what the scenario and the transport bring', () => {
  const plan = faultPlan({ scenario: 'broker-kill', kills: 3, transport: undefined })

  expect(plan).toMatchObject({
    transport: 'redis',
    kills: 3,
    killsPerSecond: 0.3,
    durability: 'always',
  })
  expect(faultPlan({ transport: 'sqlite' }).durability).toBe('full')
})

test.each([
  [{ transport: 'sqlite', scenario: 'broker-kill' }, 'the disk is the broker'],
  [{ transport: 'sqlite', durability: 'always' }, 'has to be full or normal, not always'],
  [{ durability: 'full' }, 'has to be always, everysec or off, not full'],
  [
    { transport: 'kombu-redis', scenario: 'publisher-kill' },
    'is there for --scenario consumer-kill and broker-oom',
  ],
  [
    { transport: 'kombu-rabbitmq', scenario: 'broker-kill' },
    'is there for --scenario consumer-kill',
  ],
  [{ transport: 'rabbitmq-quorum', durability: 'transient' }, 'has to be confirmed or unconfirmed'],
  [{ transport: 'redis-sentinel', scenario: 'broker-oom' }, 'not for redis-sentinel'],
] as const)('refuses %o', (options, reason) => {
  expect(() => faultPlan(options)).toThrow(reason)
})

test('knows which subjects are there to lose messages', () => {
  expect(isCalibration(faultPlan({}))).toBe(false)
  expect(isCalibration(faultPlan({ transport: 'kombu-redis' }))).toBe(true)
  expect(isCalibration(faultPlan({ defect: 'ack-first' }))).toBe(true)
  expect(isCalibration(faultPlan({ scenario: 'broker-kill', durability: 'off' }))).toBe(true)
  expect(isCalibration(faultPlan({ transport: 'kombu-rabbitmq' }))).toBe(false)
})

test.each([
  ['rabbitmq-classic', 'transient'],
  ['rabbitmq-quorum', 'unconfirmed'],
  ['redis-sentinel', 'master'],
] as const)(
  '%s, %s, has to lose something when the broker dies, and only then',
  (transport, durability) => {
    const scenarios = ['broker-kill', 'consumer-kill'] as const
    const plans = scenarios.map((scenario) => faultPlan({ transport, durability, scenario }))

    expect(plans.map(isCalibration)).toEqual([true, false])
  },
)

test.each(transports)(
  'every run of %s has the firmest setting unless told otherwise',
  (transport) => {
    expect(faultPlan({ transport }).durability).toBe(durabilitiesOf[transport][0])
  },
)
