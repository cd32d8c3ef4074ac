import { expect, test } from 'vitest'
import { poisonText } from '../actors/test-body.ts'
import { type FaultPlan, faultPlan, type PlanOptions } from '../fault-plan.ts'
import { parseLedger } from '../ledger/ledger-event.ts'
import type { Quarantined, Remains } from '../subjects/subject.ts'
import { historyOf } from './history.ts'
import { isGood, judge, type Verdict } from './verdict.ts'

interface Case {
  readonly plan?: PlanOptions
  readonly ledgers: Readonly<Record<string, readonly string[]>>
  readonly remains?: Partial<Remains>
  readonly remainingIds?: readonly string[]
  readonly actorProblems?: readonly string[]
  readonly quarantined?: readonly Quarantined[]
}

const nothing: Remains = { ready: 0, leased: 0, holders: 0, other: [] }

function verdictOn({ plan = {}, ledgers, remains, remainingIds, ...more }: Case): Verdict {
  const events = Object.entries(ledgers)
    .flatMap(([actor, lines]) => parseLedger(actor, lines.map((line) => `${line}\n`).join('')))
    .sort((one, other) => one.atMs - other.atMs)
  return judge({
    plan: faultPlan(plan),
    history: historyOf(events),
    remains: { ...nothing, ...remains },
    remainingIds: new Set(remainingIds),
    quarantined: more.quarantined ?? [],
    actorProblems: more.actorProblems ?? [],
  })
}

const published = { p1: ['P 1 p1-1', 'C 2 p1-1'] }
const handled = { c1: ['D 3 p1-1 1 1 0', 'H 4 p1-1 1', 'A 5 p1-1 1', 'a 6 p1-1 1'] }
const killed = { injector: ['F 3.5 kill c1 begin', 'F 3.6 kill c1 end'] }

test('a message that went its way breaks nothing', () => {
  const verdict = verdictOn({ ledgers: { ...published, ...handled } })

  expect(verdict.violations).toEqual([])
  expect(isGood(verdict)).toBe(true)
})

test('a message that came back after its consumer was killed breaks nothing', () => {
  const verdict = verdictOn({
    ledgers: {
      ...published,
      ...killed,
      c1: ['D 3 p1-1 1 1 0'],
      c2: ['D 1003.5 p1-1 1 1 1', 'H 1004 p1-1 1', 'A 1005 p1-1 1', 'a 1006 p1-1 1'],
    },
  })

  expect(verdict.violations).toEqual([])
  expect(verdict.duplicates).toMatchObject({ count: 1, maxPerFault: 1 })
  expect(verdict.recovery).toEqual({ samples: 1, p50Ms: 1000, p99Ms: 1000, maxMs: 1000 })
  expect(verdict.faultsWhileHolding).toBe(1)
})

const broken: Readonly<Record<string, Case & { readonly says: string }>> = {
  'I1, a lost message': {
    ledgers: { ...published, ...killed, c1: ['D 3 p1-1 1 1 0'] },
    says: '1 confirmed, never handled, and gone: p1-1',
  },
  'I1, a stuck message': {
    ledgers: published,
    remainingIds: ['p1-1'],
    says: '1 confirmed and never handled, although still in the broker: p1-1',
  },
  'I2, an invented message': {
    ledgers: { c1: ['D 3 p1-1 1 1 0'] },
    says: '1 delivered but never published: p1-1',
  },
  'I2, a mangled message': {
    ledgers: { ...published, c1: [...handled.c1, 'M 4.5 p1-1 1'] },
    says: '1 delivered with a body that nobody published: p1-1',
  },
  'I3, a refused message that was stored': {
    ledgers: { p1: ['P 1 p1-1', 'X 2 p1-1'], ...handled },
    says: '1 refused, and handled all the same: p1-1',
  },
  'I4, a duplicate without a reason': {
    ledgers: { ...published, ...handled, c2: ['D 3.5 p1-1 1 1 1'] },
    says: '1 delivered again although somebody still had it: p1-1',
  },
  'I4, a duplicate whose reason came later': {
    ledgers: { ...published, ...handled, ...killed, c2: ['D 3.4 p1-1 1 1 1'] },
    says: '1 delivered again although somebody still had it: p1-1',
  },
  'I4, a duplicate that does not say so': {
    ledgers: {
      ...published,
      ...killed,
      c1: ['D 3 p1-1 1 1 0'],
      c2: ['D 4 p1-1 1 1 0', 'H 5 p1-1 1'],
    },
    says: '1 redelivered without saying so: p1-1',
  },
  'I4, more duplicates than a consumer may hold': {
    plan: { prefetchCount: 0 },
    ledgers: {
      ...published,
      ...killed,
      c1: ['D 3 p1-1 1 1 0'],
      c2: ['D 4 p1-1 1 1 1', 'H 5 p1-1 1'],
    },
    says: '1 duplicates of one fault; at most 0 are allowed',
  },
  'I5, a message that came back after its acknowledgement': {
    ledgers: {
      ...published,
      ...handled,
      injector: ['F 7 kill c1 begin', 'F 7.1 kill c1 end'],
      c2: ['D 8 p1-1 1 1 1', 'H 9 p1-1 1'],
    },
    says: '1 delivered again after its acknowledgement was confirmed: p1-1',
  },
  'I7, a broker after which nothing goes on for long': {
    plan: { scenario: 'broker-kill' },
    ledgers: {
      p1: [...published.p1, 'P 10 p1-2', 'C 11 p1-2'],
      c1: [...handled.c1, 'D 5100 p1-2 2 1 0', 'H 5101 p1-2 2'],
      injector: ['F 20 kill broker begin', 'F 99 kill broker end'],
    },
    says: '5001 ms from the end of a fault to the first delivery; at most 5000 are allowed',
  },
  'I7, a consumer that stays silent after a restart': {
    plan: { scenario: 'broker-kill' },
    ledgers: {
      p1: [...published.p1, 'P 10 p1-2', 'C 11 p1-2', 'P 12 p1-3', 'C 13 p1-3'],
      c1: [...handled.c1, 'D 100 p1-2 2 1 0', 'H 101 p1-2 2'],
      c2: ['D 8000 p1-3 1 1 0', 'H 8001 p1-3 1'],
      injector: ['F 20 kill broker begin', 'F 99 kill broker end'],
    },
    says: '7901 ms from the end of a fault to the slowest consumer; at most 5000 are allowed',
  },
  'I7, a consumer that stays silent for ever': {
    plan: { scenario: 'broker-kill' },
    ledgers: {
      p1: [...published.p1, 'P 10 p1-2', 'C 11 p1-2', 'P 12 p1-3', 'C 13 p1-3'],
      c1: [...handled.c1, 'D 100 p1-2 2 1 0', 'H 101 p1-2 2', 'D 6000 p1-3 3 1 0', 'H 6001 p1-3 3'],
      c2: ['D 15 p1-2 1 1 0', 'R 16 p1-2 1'],
      injector: ['F 20 kill broker begin', 'F 99 kill broker end'],
    },
    says: '5901 ms from the end of a fault to the slowest consumer; at most 5000 are allowed',
  },
  'I9, an unreadable message that is nowhere': {
    ledgers: { p1: ['P 1 p1-1 poison', 'C 2 p1-1'], c1: ['D 3 p1-1 1 1 0'] },
    says: '1 unreadable, and not set aside: p1-1',
  },
  'I9, a sound message that was set aside': {
    ledgers: { p1: ['P 1 p1-1 sound', 'C 2 p1-1'], ...handled },
    quarantined: [{ id: 'p1-1', code: 'NOT_DECODABLE', body: poisonText('p1-1') }],
    says: '1 set aside wrongly: p1-1',
  },
  'I9, an unreadable message that was set aside mangled': {
    ledgers: { p1: ['P 1 p1-1 poison', 'C 2 p1-1'], c1: ['D 3 p1-1 1 1 0'] },
    quarantined: [{ id: 'p1-1', code: 'NOT_DECODABLE', body: 'something else' }],
    says: '1 set aside wrongly: p1-1',
  },
  'I9, an unreadable message that was set aside without a reason': {
    ledgers: { p1: ['P 1 p1-1 poison', 'C 2 p1-1'], c1: ['D 3 p1-1 1 1 0'] },
    quarantined: [{ id: 'p1-1', code: undefined, body: poisonText('p1-1') }],
    says: '1 set aside wrongly: p1-1',
  },
  'I10, something left behind': {
    ledgers: published,
    remains: { other: ['a lock'] },
    says: 'left in the broker: a lock',
  },
  'I10, a session left behind': {
    ledgers: published,
    remains: { holders: 1 },
    says: '1 sessions that the broker still knows at the end; at most 0 are allowed',
  },
  'I11, an error': {
    ledgers: { c1: ['E 1 Error: what is this'] },
    says: 'an error that should not be: c1: Error: what is this',
  },
  'I11, a process that ended badly': {
    ledgers: {},
    actorProblems: ['c1 ended with 1'],
    says: 'c1 ended with 1',
  },
  'I12, more in flight than allowed': {
    plan: { prefetchCount: 5 },
    ledgers: { c1: ['G 1 90 6 0'] },
    says: '6 messages in flight at a consumer; at most 5 are allowed',
  },
}

test.each(Object.entries(broken))('notices %s', (_, { says, ...found }) => {
  const verdict = verdictOn(found)

  expect(verdict.violations).toContain(says)
  expect(isGood(verdict)).toBe(false)
})

test('an unreadable message that was set aside breaks nothing', () => {
  const verdict = verdictOn({
    ledgers: { p1: ['P 1 p1-1 poison', 'C 2 p1-1'], c1: ['D 3 p1-1 1 1 0'] },
    quarantined: [{ id: 'p1-1', code: 'NOT_DECODABLE', body: poisonText('p1-1') }],
  })

  expect(verdict.violations).toEqual([])
  expect(verdict.quarantine).toMatchObject({ poison: 1, quarantined: 1 })
})

test('an acknowledgement that got lost with its sender costs a duplicate, beyond what may be in flight', () => {
  const verdict = verdictOn({
    plan: { prefetchCount: 0 },
    ledgers: {
      ...published,
      c1: ['D 3 p1-1 1 1 0', 'H 3.2 p1-1 1', 'A 3.3 p1-1 1'],
      c2: ['D 5 p1-1 1 1 1', 'H 6 p1-1 1'],
      injector: ['F 3.5 kill c1 begin', 'F 3.6 kill c1 end'],
    },
  })

  expect(verdict.violations).toEqual([])
  expect(verdict.duplicates).toMatchObject({ count: 1, afterAck: 1, maxPerFault: 0 })
})

test('a requeue is no duplicate', () => {
  const verdict = verdictOn({
    ledgers: {
      ...published,
      c1: ['D 3 p1-1 1 1 0', 'R 4 p1-1 1'],
      c2: ['D 5 p1-1 1 1 1', 'H 6 p1-1 1'],
    },
  })

  expect(verdict.violations).toEqual([])
  expect(verdict.duplicates.count).toBe(0)
})

test('a connection that was lost explains a duplicate, and is counted', () => {
  const verdict = verdictOn({
    ledgers: {
      ...published,
      c1: [...handled.c1.slice(0, 1), 'L 3.5 1 CONNECTION_LOST'],
      c2: ['D 4 p1-1 1 1 1', 'H 5 p1-1 1'],
    },
  })

  expect(verdict.violations).toEqual([])
  expect(verdict.lostEpochs).toBe(1)
})

const late = ['D 8 p1-1 1 1 0', 'H 9 p1-1 1', 'A 9 p1-1 1', 'L 10 1 LEASE_LOST']

test('a consumer that stood still with an old lease may be late, as long as its acknowledgement does not count', () => {
  const verdict = verdictOn({ ledgers: { ...published, ...handled, c2: late } })

  expect(verdict.violations).toEqual([])
  expect(verdict.duplicates).toMatchObject({ count: 1, overdue: 1 })
})

test.each([
  ['does count', [...late, 'a 9.5 p1-1 1']],
  ["was not its lease's end", [...late.slice(0, -1), 'L 10 1 CONNECTION_LOST']],
])('a late delivery is none when its acknowledgement %s', (_, c2) => {
  const verdict = verdictOn({ ledgers: { ...published, ...handled, c2 } })

  expect(verdict.duplicates.resurrected).toEqual(['p1-1'])
})

const forgotten: Case = {
  ledgers: {
    ...published,
    ...handled,
    injector: ['F 7 kill broker begin', 'F 7.1 kill broker end'],
    c2: ['D 8 p1-1 1 1 1', 'H 9 p1-1 1'],
  },
}

test.each(['rabbitmq-classic', 'rabbitmq-quorum', 'redis-sentinel'] as const)(
  'an acknowledgement that %s forgot when it died is counted, and breaks nothing',
  (transport) => {
    const verdict = verdictOn({ ...forgotten, plan: { transport, scenario: 'broker-kill' } })

    expect(verdict.violations).toEqual([])
    expect(verdict.duplicates.resurrected).toEqual(['p1-1'])
  },
)

test.each([
  ['redis-sentinel', []],
  ['rabbitmq-classic', ['1 redelivered without saying so: p1-1']],
] as const)('%s may not know after it died that a message was out', (transport, violations) => {
  const verdict = verdictOn({
    plan: { transport, scenario: 'broker-kill' },
    ledgers: {
      ...published,
      c1: ['D 3 p1-1 1 1 0'],
      injector: ['F 3.5 kill broker begin', 'F 3.6 kill broker end'],
      c2: ['D 4 p1-1 1 1 0', 'H 5 p1-1 1'],
    },
  })

  expect(verdict.violations).toEqual(violations)
  expect(verdict.duplicates.unmarked).toEqual(['p1-1'])
})

test.each([
  ['unreadable', 'poison', []],
  ['sound', 'sound', ['1 delivered again although somebody still had it: p1-1']],
])('%s, and tried again long after the broker failed', (_, kind, violations) => {
  const verdict = verdictOn({
    ledgers: {
      p1: [`P 1 p1-1 ${kind}`, 'U 2 p1-1'],
      injector: ['F 2.5 kill broker begin', 'F 2.6 kill broker end'],
      c1: ['D 3 p1-1 1 1 0', 'D 4 p1-1 2 1 1'],
    },
  })

  expect(verdict.violations).toEqual(violations)
})

test('Redis forgets none', () => {
  const verdict = verdictOn({ ...forgotten, plan: { scenario: 'broker-kill' } })

  expect(verdict.violations).toEqual([
    '1 delivered again after its acknowledgement was confirmed: p1-1',
  ])
})

test('what a publisher does not know the outcome of may be there or not', () => {
  const verdict = verdictOn({
    ledgers: { p1: ['P 1 p1-1', 'U 2 p1-1', 'P 1 p1-2', 'U 2 p1-2'], ...handled },
  })

  expect(verdict.violations).toEqual([])
  expect(verdict.outcomes).toMatchObject({ confirmed: 0, unknown: 2 })
})

test('a subject that is known to lose messages must lose some', () => {
  const plan: Pick<FaultPlan, 'defect'> = { defect: 'ack-first' }
  const lost = verdictOn({ plan, ledgers: { ...published, ...killed, c1: ['D 3 p1-1 1 1 0'] } })
  const kept = verdictOn({ plan, ledgers: { ...published, ...handled } })

  expect(isGood(lost)).toBe(true)
  expect(isGood(kept)).toBe(false)
})
