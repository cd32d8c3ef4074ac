import { expect, test } from 'vitest'
import { faultPlan, isCalibration } from './fault-plan.ts'

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
] as const)('refuses %o', (options, reason) => {
  expect(() => faultPlan(options)).toThrow(reason)
})

test('knows which subjects are there to lose messages', () => {
  expect(isCalibration(faultPlan({}))).toBe(false)
  expect(isCalibration(faultPlan({ transport: 'kombu-redis' }))).toBe(true)
  expect(isCalibration(faultPlan({ defect: 'ack-first' }))).toBe(true)
  expect(isCalibration(faultPlan({ scenario: 'broker-kill', durability: 'off' }))).toBe(true)
})
