import { expect, test } from 'vitest'
import { InteropTable } from './table.ts'

function trials(count: number, group: string, impossible?: string) {
  return Array.from({ length: count }, (_, n) => ({ name: `${group} ${n}`, group, impossible }))
}

test('a row for each group, reasons, failures, and the count last', () => {
  const works = trials(2, 'works')
  const never = trials(1, 'never', 'no such thing')
  const breaks = trials(2, 'breaks')
  const table = new InteropTable([...works, ...never, ...breaks])
  table.add(breaks, [undefined, 'torn'])
  table.add(works, [undefined, undefined])
  table.add(never, [undefined])
  expect([...table.rows(), ...table.failures(), table.total()]).toEqual([
    'works      2 passed  0 failed',
    'never      1 passed  0 failed  (1 impossible, seen not to work)',
    'breaks     1 passed  1 failed',
    'impossible: no such thing',
    'FAILED breaks 1: torn',
    '5 cells: 4 passed, 1 failed',
  ])
  expect(table.failureCount).toBe(1)
})

test('what was not tried has not passed', () => {
  const all = trials(2, 'one')
  const table = new InteropTable(all)
  table.add(all.slice(0, 1), [undefined])
  expect(table.failureCount).toBe(1)
  const short = new InteropTable(all)
  short.add(all, [undefined])
  expect(short.failures()).toEqual(['FAILED one 1: it has no outcome'])
  expect(table.total()).toBe('2 cells: 1 passed, 1 failed')
})

test('many failures of a group are counted, not shown', () => {
  const all = trials(30, 'one')
  const table = new InteropTable(all)
  table.add(
    all,
    all.map(() => 'torn'),
  )
  expect(table.failures()).toHaveLength(10 + 1)
  expect(table.total()).toBe('30 cells: 0 passed, 30 failed')
})
